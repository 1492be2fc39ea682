import { expect, test } from '@jest/globals';
import { isNotMade, systemFailure } from './check-result.ts';

const errorOf = (code: string): NodeJS.ErrnoException => Object.assign(new Error(code), { code });

test.each(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EAGAIN', 'EADDRNOTAVAIL'])(
  '%s is trouble of this router, and says nothing of the server',
  (code) => {
    expect(isNotMade(systemFailure(errorOf(code)))).toBe(true);
  },
);

test.each(['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EPIPE', 'ENOENT', 'EACCES'])(
  '%s is a failure like any other',
  (code) => {
    expect(isNotMade(systemFailure(errorOf(code)))).toBe(false);
  },
);
