// An answer that comes in pieces: looked at as it grows, until it is the expected one or cannot be it any more.
import { failure, success } from '@piranha/domain';
import type { Expectation } from '@piranha/protocol/expectation';
import type { Attempt, Settle } from './attempt.ts';
import type { CheckResult } from '../rules/check-result.ts';
import { quote } from '../rules/describe.ts';

/** A larger answer is looked at every `pause` ms only: a drip of single bytes must not cost all of a nanny's time. */
const smallAnswer = 4096;
const pause = 20;

/**
 * Steps of an expression that are taken at once, and how many in a millisecond on average after that. One step may take
 * 100 ns: whoever drips an answer that is hard to look at gets a tenth of a nanny's time and no more.
 */
const stepsAtOnce = 2 ** 17;
const stepsPerMs = 1000;

/**
 * An answer that more bytes could still spoil is taken as it is once the server has been silent for so long (ms): time
 * enough for a lost packet to come again.
 */
const silence = 1000;

/** An answer under way. */
export type Answer = Attempt & {
  readonly add: (piece: Buffer) => void;
  /** The finding when the server has closed. */
  readonly atEnd: () => CheckResult;
  /** The finding when the connection has failed for this reason: what came before counts. */
  readonly atError: (reason: string) => CheckResult;
};

/** Starts with no bytes; calls `settle` as soon as there is no doubt. `server` is for messages. */
export function collectAnswer(server: string, expectation: Expectation, settle: Settle): Answer {
  const pieces: Buffer[] = [];
  const { find, mostBytes, steps } = expectation;
  let size = 0;
  let spent = 0;
  let nextLook: NodeJS.Timeout | undefined;
  const received = (): Buffer => {
    const bytes = Buffer.concat(pieces).subarray(0, mostBytes);
    // Thousands of small pieces take far more memory than their bytes.
    pieces.splice(0, pieces.length, bytes);
    return bytes;
  };
  const quiet = silenceTimer(() => {
    settle(success(null));
  });

  const look = (): void => {
    clearTimeout(nextLook);
    nextLook = undefined;
    const bytes = received();
    const full = size >= mostBytes;
    spent += bytes.length * steps;
    const finding = find(bytes, full);
    if (finding === 'met-so-far') quiet.start();
    else if (finding !== 'open') settle(judged(finding, bytes));
    else if (full) settle(judged('unmet', bytes));
  };

  /** The finding when no more will come. */
  const conclude = (complete: boolean, nothing: string, tooLittle: string): CheckResult => {
    if (size === 0) return failure(nothing);
    const bytes = received();
    const finding = find(bytes, complete);
    return finding === 'open' ? failure(`${tooLittle} ${quote(bytes)}`) : judged(finding, bytes);
  };

  return {
    add: (piece) => {
      quiet.stop();
      pieces.push(piece);
      size += piece.length;
      const next = Math.min(size, mostBytes) * steps;
      if (size >= mostBytes || (size < smallAnswer && spent + next <= stepsAtOnce)) look();
      else nextLook ??= setTimeout(look, Math.max(pause, next / stepsPerMs));
    },
    atEnd: () => conclude(true, 'closed without an answer', `READ from ${server} was too short:`),
    atError: (reason) => conclude(false, reason, `${reason} after`),
    atLimit: () => conclude(false, `READ to ${server} timed out`, `READ to ${server} timed out after`),
    close: () => {
      clearTimeout(nextLook);
      quiet.stop();
    },
  };
}

const judged = (finding: 'met' | 'met-so-far' | 'unmet', bytes: Buffer): CheckResult =>
  finding === 'unmet' ? failure(`unexpected answer ${quote(bytes)}`) : success(null);

/** Calls back when the server has been silent since `start`. */
function silenceTimer(onSilent: () => void): { readonly start: () => void; readonly stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let reading: NodeJS.Immediate | undefined;
  return {
    start: () => {
      timer = setTimeout(() => {
        // Timers come before sockets in Node's loop: what has arrived is read first.
        reading = setImmediate(onSilent);
      }, silence);
    },
    stop: () => {
      clearTimeout(timer);
      clearImmediate(reading);
    },
  };
}
