import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { unixDatagram } from '@piranha/libc';
import { unixReceiver } from '@piranha/libc/unix-receiver';
import type { SyslogSender } from './syslog-sender.ts';
import { syslogSender } from './syslog-sender.ts';

let folder: string;
let devLog: string;
let now: number;
let tries: number;
let sender: SyslogSender;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dev-log-'));
  devLog = join(folder, 'log');
  now = 0;
  tries = 0;
  const socket = unixDatagram(devLog);
  const connect: typeof socket.connect = () => {
    tries += 1;
    return socket.connect();
  };
  const lostDatagram = (count: number): string => `${count} lost`;
  sender = syslogSender({ socket: { ...socket, connect }, now: () => now, lostDatagram });
});

afterEach(() => {
  sender.close();
  rmSync(folder, { recursive: true });
});

test('a log daemon that comes late is told what it missed', () => {
  sender.send('one');
  sender.send('two');
  const receiver = unixReceiver(devLog);
  now = 1000;
  sender.send('three');
  expect(receiver.receiveAll()).toEqual(['2 lost', 'three']);
  receiver.close();
});

test('an absent log daemon is looked for once a second at most', () => {
  for (now = 0; now < 3000; now += 10) sender.send('a line');
  expect(tries).toBe(3);
});

test('a log daemon that was started again loses no line', () => {
  const before = unixReceiver(devLog);
  sender.send('one');
  before.close();
  const after = unixReceiver(devLog);
  now = 5000;
  sender.send('two');
  expect(after.receiveAll()).toEqual(['two']);
  after.close();
});

test('a log daemon that is started again and again costs lines, and each is counted', () => {
  for (let start = 0; start < 5; start += 1) {
    const receiver = unixReceiver(devLog);
    sender.send(`line ${start}`);
    receiver.close();
  }
  const last = unixReceiver(devLog);
  now = 1000;
  sender.send('last');
  expect(last.receiveAll()).toEqual(['4 lost', 'last']);
  last.close();
});

test('nothing is sent before the lost lines are told', () => {
  const receiver = unixReceiver(devLog);
  for (let count = 0; count < 10_000; count += 1) sender.send('a line');
  const kept = receiver.receiveAll().length;
  sender.send('next');
  sender.send('after it');
  expect(receiver.receiveAll()).toEqual([`${10_000 - kept} lost`, 'next', 'after it']);
  receiver.close();
});
