import { afterEach, expect, test } from '@jest/globals';
import { forbidCoreDumps } from './core-dumps.ts';
import { loadKoffi } from './load-koffi.ts';
import { loadLibc } from './socket-calls.ts';

const PR_GET_DUMPABLE = 3;
const PR_SET_DUMPABLE = 4;
const prctl = loadLibc(loadKoffi()).func('prctl', 'int', ['int', 'ulong', 'ulong', 'ulong', 'ulong']);

afterEach(() => {
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
});

test('the kernel dumps a process until it is told not to', () => {
  expect(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)).toBe(1);
  expect(forbidCoreDumps()).toEqual({ ok: true, value: undefined });
  expect(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)).toBe(0);
});
