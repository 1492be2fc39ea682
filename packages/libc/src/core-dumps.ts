// Keeps what is in this process's memory out of core dumps (prctl(2), PR_SET_DUMPABLE): those that the kernel hands to a
// program, too, for which RLIMIT_CORE counts for nothing. Nor can a process of the same user look into it.
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import { loadKoffi } from './load-koffi.ts';
import { declareSocketCalls, loadLibc } from './socket-calls.ts';

const PR_SET_DUMPABLE = 4;

/** From now on, for this process alone; the error is the system's words. */
export function forbidCoreDumps(): Outcome<void, string> {
  const koffi = loadKoffi();
  const libc = loadLibc(koffi);
  const { lastError } = declareSocketCalls(koffi, libc);
  const prctl = libc.func('prctl', 'int', ['int', 'ulong', 'ulong', 'ulong', 'ulong']);
  return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) === -1 ? failure(lastError().text) : success(undefined);
}
