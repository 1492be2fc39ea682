import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { IpAddress } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import type { FloatingAddress } from '@piranha/runtime';
import { recordingLogger } from '@piranha/testing';
import { takeDownLeftovers } from './leftovers.ts';
import { raisedFile } from './raised-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'raised-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const place = (): string => join(folder, 'run', 'addresses.json');
const vip = { address: '10.1.0.100' as IpAddress, device: 'eth0:1', prefix: 24 };
const inside = { address: 'fd00::1' as IpAddress, device: 'eth1', prefix: 64 };
const left = (address: FloatingAddress, device: string) => ({ ...address, device, prefix: undefined });

test('a later life reads what was brought up, and only its owner can read the file', () => {
  const { log, lines } = recordingLogger();
  raisedFile(log, place()).add([vip, inside]);
  expect(statSync(place()).mode & 0o777).toBe(0o600);
  const later = raisedFile(log, place());
  expect(later.others([])).toEqual([left(vip, 'eth0'), left(inside, 'eth1')]);
  expect(later.others([vip])).toEqual([left(inside, 'eth1')]);
  expect(lines).toEqual([]);
});

test('an address that has another label now is the same address, one on another device is not', () => {
  const file = raisedFile(recordingLogger().log, place());
  file.add([vip]);
  expect(file.others([{ ...vip, device: 'eth0:7' }])).toEqual([]);
  expect(file.others([{ ...vip, device: 'eth1:1' }])).toEqual([left(vip, 'eth0')]);
});

test('the file is written where it changes, and goes when nothing is up', () => {
  const file = raisedFile(recordingLogger().log, place());
  file.add([vip]);
  rmSync(place());
  file.add([vip]);
  expect(existsSync(place())).toBe(false);
  file.add([inside]);
  file.remove([vip]);
  expect(JSON.parse(readFileSync(place(), 'utf8'))).toEqual({
    type: 'raised',
    addresses: [{ address: 'fd00::1', device: 'eth1' }],
  });
  file.remove([inside]);
  expect(existsSync(place())).toBe(false);
});

test('without a file nothing is left over; one that can not be read is said to be so, and is replaced', () => {
  const { log, lines } = recordingLogger();
  expect(raisedFile(log, place()).others([])).toEqual([]);
  raisedFile(log, place()).add([vip]);
  expect(lines).toEqual([]);
  writeFileSync(place(), '{"type":"raised","addresses":[{"address":"10.1.0.300","device":"eth0"}]}');
  const file = raisedFile(log, place());
  expect(file.others([])).toEqual([]);
  expect(lines.map(({ level }) => level)).toEqual(['error']);
  file.add([vip]);
  expect(raisedFile(log, place()).others([])).toEqual([left(vip, 'eth0')]);
});

test('a place that can not be written is said once, and pulse goes on', () => {
  const { log, lines } = recordingLogger();
  writeFileSync(join(folder, 'run'), 'no folder');
  const file = raisedFile(log, place());
  file.add([vip]);
  file.add([vip]);
  expect(lines.map(({ level }) => level)).toEqual(['error']);
  expect(file.others([])).toEqual([left(vip, 'eth0')]);
});

test('what an earlier life has left over of a former file goes down, and is remembered until it did', async () => {
  const { log, lines } = recordingLogger();
  const lowered: string[] = [];
  raisedFile(log, place()).add([vip, inside]);
  const lower = (works: boolean) => (addresses: readonly FloatingAddress[]) => {
    lowered.push(...addresses.map(({ address, device }) => `${address} ${device}`));
    return Promise.resolve(works ? success([]) : failure('ip: no'));
  };
  await takeDownLeftovers([vip], raisedFile(log, place()), { lower: lower(false) }, log);
  await takeDownLeftovers([vip], raisedFile(log, place()), { lower: lower(true) }, log);
  await takeDownLeftovers([vip], raisedFile(log, place()), { lower: lower(true) }, log);
  expect(lowered).toEqual(['fd00::1 eth1', 'fd00::1 eth1']);
  expect(lines.map(({ level }) => level)).toEqual(['error', 'notice']);
});
