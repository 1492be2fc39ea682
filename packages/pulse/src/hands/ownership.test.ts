import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { seconds } from '@piranha/domain';
import { recordingLogger } from '@piranha/testing';
import { ownershipAt } from './ownership.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'piranha-owner-'));
  path = join(folder, 'deep', 'owner.json');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('an active router is remembered for as long as nobody else can own the service', () => {
  let uptime = 100;
  const memory = ownershipAt(recordingLogger().log, path, () => uptime);
  expect(memory.recall(seconds(3))).toBeUndefined();
  memory.note({ active: true, term: 7, held: true });
  uptime = 102.9;
  expect(memory.recall(seconds(3))).toEqual({ term: 7, held: true });
  uptime = 103;
  expect(memory.recall(seconds(3))).toBeUndefined();
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('one that says it is inactive owns nothing', () => {
  const memory = ownershipAt(recordingLogger().log, path, () => 100);
  memory.note({ active: true, term: 7, held: false });
  memory.note({ active: false, term: 7, held: false });
  expect(memory.recall(seconds(3))).toBeUndefined();
});

test('what was written before the last boot, or is no such thing, counts for nothing', () => {
  const memory = ownershipAt(recordingLogger().log, join(folder, 'owner.json'), () => 100);
  for (const text of ['', '{"type":"owner"}', '{"type":"owner","term":1,"held":false,"uptime":5000}']) {
    writeFileSync(join(folder, 'owner.json'), text);
    expect(memory.recall(seconds(3))).toBeUndefined();
  }
});

test('where nothing can be written it is said once, and that is all', () => {
  const { log, lines } = recordingLogger();
  const memory = ownershipAt(log, '/proc/nowhere/owner.json', () => 100);
  memory.note({ active: true, term: 1, held: false });
  memory.note({ active: true, term: 1, held: false });
  expect(lines).toHaveLength(1);
});
