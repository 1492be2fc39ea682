import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { after, instant, never, seconds } from '@piranha/domain';
import { systemClock } from '@piranha/runtime';
import { recordingLogger } from '@piranha/testing';
import { ordersFile } from './orders-file.ts';
import type { Orders } from './state.ts';

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

const place = (): string => join(folder, 'run', 'orders.json');

test('orders are read again as they were saved, and only their owner can read them', () => {
  const now = systemClock.now();
  const orders: Orders = new Map([
    ['tcp 10.0.0.1:80/10.0.1.1:80', { type: 'force', to: 'down', since: now }],
    ['tcp 10.0.0.1:80/10.0.1.2:80', { type: 'drain', since: now, deadline: after(now, seconds(60)), drained: false }],
    ['tcp 10.0.0.1:80/10.0.1.3:80', { type: 'drain', since: instant(-5000), deadline: never, drained: true }],
  ]);
  const file = ordersFile(recordingLogger().log, place());
  file.save(orders);
  const loaded = file.load();
  expect(withoutMoments(loaded)).toEqual(withoutMoments(orders));
  const before = moments(orders);
  expect(moments(loaded).filter((moment, index) => !alike(moment, before[index] ?? NaN))).toEqual([]);
  expect(statSync(place()).mode & 0o777).toBe(0o600);
});

test('a file that is there no more, or never was, has no orders and says nothing', () => {
  const { log, lines } = recordingLogger();
  expect(ordersFile(log, place()).load().size).toBe(0);
  expect(lines).toEqual([]);
});

test('a file that is no such file is said to be none, and the next order replaces it', () => {
  const { log, lines } = recordingLogger();
  const file = ordersFile(log, place());
  file.save(new Map());
  writeFileSync(place(), '{"type":"orders","orders":[{"type":"drain"');
  expect(file.load().size).toBe(0);
  expect(lines).toHaveLength(1);
  file.save(new Map());
  expect(readFileSync(place(), 'utf8')).toBe('{"type":"orders","orders":[]}\n');
});

test('a disk that takes nothing is told and stops nothing', () => {
  const { log, lines } = recordingLogger();
  writeFileSync(join(folder, 'run'), 'a file, not a folder');
  ordersFile(log, place()).save(new Map());
  expect(lines).toHaveLength(1);
});
