// How many files and sockets this process may have open (getrlimit(2), RLIMIT_NOFILE). Children inherit it.
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import { loadKoffi } from './load-koffi.ts';
import { declareSocketCalls, loadLibc } from './socket-calls.ts';

/** `soft` is in force; without privileges it can be raised to `hard` only. */
export type DescriptorLimit = { readonly soft: number; readonly hard: number };

/** The same on x86-64 and arm64. */
const RLIMIT_NOFILE = 7;
/** Two numbers of 64 bits. */
const structBytes = 16;

/** The limits now, and a way to set them; errors are the system's words. */
export function descriptorLimits() {
  const koffi = loadKoffi();
  const libc = loadLibc(koffi);
  const { lastError } = declareSocketCalls(koffi, libc);
  const getrlimit = libc.func('getrlimit', 'int', ['int', 'void *']);
  const setrlimit = libc.func('setrlimit', 'int', ['int', 'const void *']);
  return {
    read: (): Outcome<DescriptorLimit, string> => {
      const bytes = Buffer.alloc(structBytes);
      if (getrlimit(RLIMIT_NOFILE, bytes) === -1) return failure(lastError().text);
      return success({ soft: Number(bytes.readBigUInt64LE(0)), hard: Number(bytes.readBigUInt64LE(8)) });
    },
    set: ({ soft, hard }: DescriptorLimit): Outcome<void, string> => {
      const bytes = Buffer.alloc(structBytes);
      bytes.writeBigUInt64LE(BigInt(soft), 0);
      bytes.writeBigUInt64LE(BigInt(hard), 8);
      return setrlimit(RLIMIT_NOFILE, bytes) === -1 ? failure(lastError().text) : success(undefined);
    },
  };
}
