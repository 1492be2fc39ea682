// An answer that comes in pieces: looked at as it grows, until it is the expected one or can not be it any more.
import { failure, success } from '@piranha/domain';
import type { Attempt, Settle } from './attempt.ts';
import type { CheckResult } from './check-result.ts';
import { quote } from './describe.ts';
import type { Expectation } from './expectation.ts';

/** No more of an answer is looked at. */
const mostBytes = 64 * 1024;

/** A larger answer is looked at every `pause` ms only: a drip of single bytes must not cost all of a nanny's time. */
const smallAnswer = 4096;
const pause = 20;

/** An answer under way. */
export type Answer = Attempt & {
  readonly add: (piece: Buffer) => void;
  /** The finding when the server has closed. */
  readonly atEnd: () => CheckResult;
};

/** Starts with no bytes; calls `settle` as soon as there is no doubt. `server` is for messages. */
export function collectAnswer(server: string, expectation: Expectation, settle: Settle): Answer {
  const pieces: Buffer[] = [];
  let size = 0;
  let nextLook: NodeJS.Timeout | undefined;

  /** The finding, or undefined while it is open. */
  const judge = (bytes: Buffer, complete: boolean): CheckResult | undefined => {
    switch (expectation(bytes, complete)) {
      case 'met':
        return success(null);
      case 'unmet':
        return failure(`unexpected answer ${quote(bytes)}`);
      case 'open':
        return undefined;
    }
  };

  const received = (): Buffer => Buffer.concat(pieces).subarray(0, mostBytes);

  const look = (): void => {
    clearTimeout(nextLook);
    nextLook = undefined;
    const finding = judge(received(), size >= mostBytes);
    if (finding !== undefined) settle(finding);
  };

  return {
    add: (piece) => {
      pieces.push(piece);
      size += piece.length;
      if (size < smallAnswer || size >= mostBytes) look();
      else nextLook ??= setTimeout(look, pause);
    },
    atEnd: () => {
      if (size === 0) return failure('closed without an answer');
      const bytes = received();
      return judge(bytes, true) ?? failure(`READ from ${server} was too short: ${quote(bytes)}`);
    },
    atLimit: () => {
      if (size === 0) return failure(`READ to ${server} timed out`);
      const bytes = received();
      return judge(bytes, false) ?? failure(`READ to ${server} timed out after ${quote(bytes)}`);
    },
    close: () => {
      clearTimeout(nextLook);
    },
  };
}
