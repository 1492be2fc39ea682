import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { after, instant, never, seconds } from '@piranha/domain';
import { systemClock } from '@piranha/runtime';
import { recordingLogger } from '@piranha/testing';
import { ordersFile } from './orders-file.ts';
import type { OrderBook, Orders } from '../order-book.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orders-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Two clocks are read for each conversion: moments differ in their last digits. */
const alike = (some: number, other: number): boolean => some === other || Math.abs(some - other) < 50;

const withoutMoments = (orders: Orders) =>
  [...orders].map(([server, order]) => [
    server,
    { ...order, since: 0, ...('deadline' in order ? { deadline: 0 } : {}) },
  ]);
const moments = (orders: Orders): readonly number[] =>
  [...orders.values()].flatMap((order) => [order.since, 'deadline' in order ? order.deadline : never]);

const nothing: OrderBook = { orders: new Map(), releases: new Map(), lastStamp: 0 };

const place = (): string => join(folder, 'run', 'orders.json');

test('orders are read again as they were saved, and only their owner can read them', () => {
  const now = systemClock.now();
  const orders: Orders = new Map([
    ['tcp 10.0.0.1:80/10.0.1.1:80', { type: 'force', to: 'down', since: now, stamp: 3, from: 'here' }],
    [
      'tcp 10.0.0.1:80/10.0.1.2:80',
      {
        ...{ type: 'drain', since: now, deadline: after(now, seconds(60)), drained: false },
        ...{ timeoutMs: 60_000, stamp: 4, from: 'partner' },
      },
    ],
    [
      'tcp 10.0.0.1:80/10.0.1.3:80',
      {
        ...{ type: 'drain', since: instant(-5000), deadline: never, drained: true },
        ...{ timeoutMs: null, stamp: 2 ** 48, from: 'here' },
      },
    ],
  ]);
  const release = { type: 'release', since: now, stamp: 9, from: 'partner' } as const;
  const releases: OrderBook['releases'] = new Map([['tcp 10.0.0.1:80/10.0.1.4:80', release]]);
  const file = ordersFile(recordingLogger().log, place());
  file.save({ orders, releases, lastStamp: 2 ** 48 });
  const { orders: loaded, releases: released, lastStamp } = file.load();
  expect([...released].map(([server, { since, ...rest }]) => [server, rest, alike(since, now)])).toEqual([
    ['tcp 10.0.0.1:80/10.0.1.4:80', { type: 'release', stamp: 9, from: 'partner' }, true],
  ]);
  expect(lastStamp).toBe(2 ** 48);
  expect(withoutMoments(loaded)).toEqual(withoutMoments(orders));
  const before = moments(orders);
  expect(moments(loaded).filter((moment, index) => !alike(moment, before[index] ?? NaN))).toEqual([]);
  expect(statSync(place()).mode & 0o777).toBe(0o600);
});

test('a file that is there no more, or never was, has no orders and says nothing', () => {
  const { log, lines } = recordingLogger();
  expect(ordersFile(log, place()).load().orders.size).toBe(0);
  expect(lines).toEqual([]);
});

test('a file that is no such file is said to be none, and the next order replaces it', () => {
  const { log, lines } = recordingLogger();
  const file = ordersFile(log, place());
  file.save(nothing);
  writeFileSync(place(), '{"type":"orders","orders":[{"type":"drain"');
  expect(file.load().orders.size).toBe(0);
  expect(lines).toHaveLength(1);
  file.save(nothing);
  expect(readFileSync(place(), 'utf8')).toBe('{"type":"orders","orders":[],"released":[],"lastStamp":0}\n');
});

test('a disk that takes nothing is told and stops nothing', () => {
  writeFileSync(join(folder, 'run'), 'a file, not a folder');
  const problem = ordersFile(recordingLogger().log, place()).save(nothing);
  expect(problem).toBe(`${join(folder, 'run')} is a file and not a folder: remove it`);
});

test('a file of an earlier version, without stamps, is read: any later word counts before it', () => {
  const server = 'tcp 10.0.0.1:80/10.0.1.1:80';
  const orders = [{ type: 'drain', server, since: 1, deadline: null, drained: false }];
  const file = ordersFile(recordingLogger().log, place());
  file.save(nothing);
  writeFileSync(place(), `${JSON.stringify({ type: 'orders', orders })}\n`);
  expect(file.load()).toMatchObject({ releases: new Map(), lastStamp: 0 });
  expect(file.load().orders.get(server)).toMatchObject({ type: 'drain', stamp: 0, from: 'here', timeoutMs: null });
});
