import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openBatches } from './batches.ts';

/** Notes its start and the lines that it gets. */
const ipvsadm = `#!/bin/sh
echo "$1 $$" >>"$0.starts"
exec cat
`;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'batches-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function place(name: string): string {
  const file = join(folder, name);
  writeFileSync(file, ipvsadm, { mode: 0o755 });
  return file;
}

const starts = (file: string): number => {
  const lines = readFileSync(`${file}.starts`, 'utf8').split('\n');
  return lines.filter((line) => line.startsWith('-R ')).length;
};

test('without one that waits, a batch starts its own', async () => {
  const [file, batches] = [place('ipvsadm'), openBatches()];
  expect(await batches.run(file, 'a\nb\n')).toMatchObject({ ok: true, value: { stdout: 'a\nb' } });
  expect(starts(file)).toBe(1);
  await batches.close();
});

test('one that waits is used, once', async () => {
  const [file, batches] = [place('ipvsadm'), openBatches()];
  batches.prepare(file);
  batches.prepare(file);
  expect(await batches.run(file, 'a\n')).toMatchObject({ ok: true, value: { stdout: 'a' } });
  expect(starts(file)).toBe(1);
  expect(await batches.run(file, 'b\n')).toMatchObject({ ok: true, value: { stdout: 'b' } });
  expect(starts(file)).toBe(2);
  await batches.close();
});

test('one that waits is not used for another ipvsadm', async () => {
  const [file, other, batches] = [place('ipvsadm'), place('other'), openBatches()];
  batches.prepare(file);
  expect(await batches.run(other, 'a\n')).toMatchObject({ ok: true, value: { stdout: 'a' } });
  expect(starts(other)).toBe(1);
  batches.prepare(other);
  await batches.close();
});

test('after the end none is started any more', async () => {
  const [file, batches] = [place('ipvsadm'), openBatches()];
  await batches.close();
  batches.prepare(file);
  expect(await batches.run(file, 'a\n')).toMatchObject({ ok: true });
  expect(starts(file)).toBe(1);
});
