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
let waiting: (() => void) | undefined;
let sender: SyslogSender;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dev-log-'));
  devLog = join(folder, 'log');
  now = 0;
  tries = 0;
  waiting = undefined;
  const socket = unixDatagram(devLog);
  const connect: typeof socket.connect = () => {
    tries += 1;
    return socket.connect();
  };
  const later = (_ms: number, call: () => void) => {
    waiting = call;
    return () => {
      waiting = undefined;
    };
  };
  const lostDatagram = (count: number): string => `${count} lost`;
  sender = syslogSender({ socket: { ...socket, connect }, now: () => now, later, lostDatagram });
});

afterEach(() => {
  sender.close();
  rmSync(folder, { recursive: true });
});

/** The time of the timer has come. */
function ring(): void {
  const call = waiting;
  waiting = undefined;
  call?.();
}

test('a log daemon that comes late is told what it missed', () => {
  sender.send('one');
  sender.send('two');
  const receiver = unixReceiver(devLog);
  now = 1000;
  sender.send('three');
  expect(receiver.receiveAll()).toEqual(['one', 'two', 'three']);
  receiver.close();
});

test('a log daemon that comes late is told by itself: a quiet program has no next line', () => {
  sender.send('one');
  now = 1000;
  ring();
  const receiver = unixReceiver(devLog);
  now = 2000;
  ring();
  expect(receiver.receiveAll()).toEqual(['one']);
  expect(waiting).toBeUndefined();
  receiver.close();
});

test('what is kept has a limit: the first lines come late, and the rest is counted', () => {
  for (let count = 0; count < 1000; count += 1) sender.send(`line ${count}`);
  const receiver = unixReceiver(devLog);
  now = 1000;
  const received: string[] = [];
  // A socket takes a few datagrams at a time.
  while (waiting !== undefined) {
    ring();
    received.push(...receiver.receiveAll());
  }
  sender.send('next');
  received.push(...receiver.receiveAll());
  const first = Array.from({ length: 100 }, (_, count) => `line ${count}`);
  expect(received).toEqual([...first, '900 lost', 'next']);
  receiver.close();
});

test('what is kept is sent at the end, if there is somebody to take it', () => {
  sender.send('one');
  const receiver = unixReceiver(devLog);
  now = 1000;
  sender.close();
  expect(receiver.receiveAll()).toEqual(['one']);
  expect(waiting).toBeUndefined();
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

test('a log daemon that is started again and again gets each line', () => {
  for (let start = 0; start < 5; start += 1) {
    const receiver = unixReceiver(devLog);
    sender.send(`line ${start}`);
    receiver.close();
  }
  const last = unixReceiver(devLog);
  now = 1000;
  sender.send('last');
  expect(last.receiveAll()).toEqual(['line 1', 'line 2', 'line 3', 'line 4', 'last']);
  last.close();
});

test('nothing is sent before the lost lines are told', () => {
  const receiver = unixReceiver(devLog);
  for (let count = 0; count < 10_000; count += 1) sender.send('a line');
  const taken = receiver.receiveAll().length;
  sender.send('next');
  sender.send('after it');
  expect(receiver.receiveAll()).toEqual([`${10_000 - taken} lost`, 'next', 'after it']);
  receiver.close();
});
