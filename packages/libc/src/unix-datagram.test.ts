import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Sent, UnixDatagram } from './unix-datagram.ts';
import { unixDatagram } from './unix-datagram.ts';
import { unixReceiver } from './unix-receiver.ts';

let folder: string;
let path: string;
let sender: UnixDatagram;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unix-datagram-'));
  path = join(folder, 'log');
  sender = unixDatagram(path);
});

afterEach(() => {
  sender.close();
  rmSync(folder, { recursive: true });
});

const sendUntilRefused = (): Sent => {
  for (let count = 0; count < 100_000; count += 1) {
    const sent = sender.send(Buffer.from('more'));
    if (sent !== 'sent') return sent;
  }
  return 'sent';
};

test('what is sent arrives, each datagram for itself', () => {
  const receiver = unixReceiver(path);
  expect(sender.connect()).toEqual({ ok: true, value: undefined });
  expect([sender.send(Buffer.from('one')), sender.send(Buffer.from('zwölf'))]).toEqual(['sent', 'sent']);
  expect(receiver.receiveAll()).toEqual(['one', 'zwölf']);
  receiver.close();
});

test('a name that starts with @ is in no file system', () => {
  const name = `@${path}`;
  const receiver = unixReceiver(name);
  const abstract = unixDatagram(name);
  expect(abstract.connect().ok).toBe(true);
  expect(abstract.send(Buffer.from('READY=1'))).toBe('sent');
  expect(receiver.receiveAll()).toEqual(['READY=1']);
  abstract.close();
  receiver.close();
});

test('where nobody listens, connecting says so and sending finds nobody', () => {
  expect(sender.connect()).toEqual({ ok: false, error: `${path}: No such file or directory` });
  expect(sender.send(Buffer.from('lost'))).toBe('gone');
});

test('a receiver that does not read is full, and takes more as soon as it reads', () => {
  const receiver = unixReceiver(path);
  sender.connect();
  expect(sendUntilRefused()).toBe('full');
  receiver.receiveAll();
  expect(sender.send(Buffer.from('again'))).toBe('sent');
  receiver.close();
});

test('a datagram over the size of a socket does not fit', () => {
  const receiver = unixReceiver(path);
  sender.connect();
  expect(sender.send(Buffer.alloc(16 * 1024 * 1024))).toBe('full');
  receiver.close();
});

test('a receiver that was started again is found by connecting again', () => {
  const before = unixReceiver(path);
  sender.connect();
  before.close();
  expect(sender.send(Buffer.from('lost'))).toBe('gone');
  const after = unixReceiver(path);
  expect(sender.send(Buffer.from('still lost'))).toBe('gone');
  expect(sender.connect().ok).toBe(true);
  expect(sender.send(Buffer.from('found'))).toBe('sent');
  expect(after.receiveAll()).toEqual(['found']);
  after.close();
});

test('after closing nothing is sent, and closing twice does no harm', () => {
  const receiver = unixReceiver(path);
  sender.connect();
  sender.close();
  sender.close();
  expect(sender.send(Buffer.from('late'))).toBe('gone');
  receiver.close();
});

test('a path that no socket can have is refused in words', () => {
  const long = `/${'x'.repeat(107)}`;
  expect(unixDatagram(long).connect()).toEqual({
    ok: false,
    error: `${long}: longer than the name of a socket can be`,
  });
});
