import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FloatingAddress, IpAddress } from '@piranha/domain';
import type { RaisedAddress } from '@piranha/protocol';
import { raisedFile, raisedKnowledge } from './raised-file.ts';

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
const vipNote: RaisedAddress = { address: vip.address, device: 'eth0', label: 'eth0:1', index: 2 };
const insideNote: RaisedAddress = { address: inside.address, device: 'eth1', index: 3 };

function complaints() {
  const problems: string[] = [];
  return { complain: (text: string) => problems.push(text), problems };
}

const left = (address: FloatingAddress, device: string) => ({ ...address, device, prefix: undefined });

test('a later life reads what was brought up, and only its owner can read the file', () => {
  const { complain, problems } = complaints();
  raisedFile(complain, place()).add([vipNote, insideNote]);
  expect(statSync(place()).mode & 0o777).toBe(0o600);
  const later = raisedFile(complain, place());
  expect(later.others([])).toEqual([left(vip, 'eth0'), left(inside, 'eth1')]);
  expect(later.others([vip])).toEqual([left(inside, 'eth1')]);
  expect(problems).toEqual([]);
});

test('an address that has another label now is the same address, one on another device is not', () => {
  const file = raisedFile(complaints().complain, place());
  file.add([vipNote]);
  expect(file.others([{ ...vip, device: 'eth0:7' }])).toEqual([]);
  expect(file.others([{ ...vip, device: 'eth1:1' }])).toEqual([left(vip, 'eth0')]);
});

test('the file is written where it changes, and goes when nothing is up', () => {
  const file = raisedFile(complaints().complain, place());
  file.add([vipNote]);
  const written = statSync(place(), { bigint: true }).mtimeNs;
  file.add([vipNote]);
  expect(statSync(place(), { bigint: true }).mtimeNs).toBe(written);
  file.add([insideNote]);
  file.remove([vip]);
  expect(JSON.parse(readFileSync(place(), 'utf8'))).toEqual({
    type: 'raised',
    addresses: [{ address: 'fd00::1', device: 'eth1', index: 3 }],
  });
  file.remove([inside]);
  expect(existsSync(place())).toBe(false);
});

test('without a file nothing is left over; one that cannot be read is said to be so, and is replaced', () => {
  const { complain, problems } = complaints();
  expect(raisedFile(complain, place()).others([])).toEqual([]);
  raisedFile(complain, place()).add([vipNote]);
  expect(problems).toEqual([]);
  writeFileSync(place(), '{"type":"raised","addresses":[{"address":"10.1.0.300","device":"eth0"}]}');
  const file = raisedFile(complain, place());
  expect(file.others([])).toEqual([]);
  expect(problems).toHaveLength(1);
  file.add([vipNote]);
  expect(raisedFile(complain, place()).others([])).toEqual([left(vip, 'eth0')]);
});

test('a place that cannot be written is said once, and pulse goes on', () => {
  const { complain, problems } = complaints();
  writeFileSync(join(folder, 'run'), 'no folder');
  const file = raisedFile(complain, place());
  file.add([vipNote]);
  file.add([vipNote]);
  expect(problems.filter((problem) => problem.includes('could not be noted'))).toHaveLength(1);
  expect(file.others([])).toEqual([left(vip, 'eth0')]);
});

test('a file that somebody deletes is put back', async () => {
  const file = raisedFile(complaints().complain, place());
  expect(file.kept.stands()).toBe(true);
  file.add([vipNote]);
  rmSync(place());
  expect(file.kept.stands()).toBe(false);
  await file.kept.restore();
  expect(raisedFile(complaints().complain, place()).all()).toEqual([vipNote]);
});

test('an address that stands in another way is noted anew in its place', () => {
  const file = raisedFile(complaints().complain, place());
  file.add([vipNote, insideNote]);
  file.add([{ ...vipNote, label: 'eth0:7' }]);
  expect(file.all()).toEqual([{ ...vipNote, label: 'eth0:7' }, insideNote]);
});

describe('the heir of the addresses', () => {
  test('reads what the file says at that moment', () => {
    const heir = raisedKnowledge(complaints().complain, place());
    expect(heir.all()).toEqual([]);
    raisedFile(complaints().complain, place()).add([vipNote]);
    expect(heir.all()).toEqual([vipNote]);
    expect(heir.told()).toBeUndefined();
  });

  test('knows from pulse what could not be written', () => {
    const nowhere = '/proc/piranha/addresses.json';
    const file = raisedFile(complaints().complain, nowhere);
    const heir = raisedKnowledge(complaints().complain, nowhere);
    file.watch(heir.learn);
    file.add([vipNote]);
    file.add([vipNote, insideNote]);
    expect(heir.all()).toEqual([vipNote, insideNote]);
    file.remove([vip]);
    expect(heir.all()).toEqual([insideNote]);
    expect(heir.told()).toEqual([insideNote]);
  });

  test('believes pulse where the file says something else', () => {
    raisedFile(complaints().complain, place()).add([vipNote]);
    const heir = raisedKnowledge(complaints().complain, place());
    heir.learn([]);
    expect(heir.all()).toEqual([]);
  });
});
