// A standing `ip -force -batch -`: addresses change without a process being started, and the result is read back.
import { isDeepStrictEqual } from 'node:util';
import type { IpAddress, Millis, Outcome } from '@piranha/domain';
import { failure, milliseconds, success } from '@piranha/domain';
import type { Interface } from '@piranha/protocol';
import { decodeInterfaces } from '@piranha/protocol';
import { describeEnding } from './child.ts';
import type { FloatingAddress } from './floating-addresses.ts';
import { inTurn } from './in-turn.ts';
import { keepRunning } from './standing-child.ts';
import { lowerLine, lowerLines, missing, present, raiseLines } from './floating-addresses.ts';

/** The interfaces as they were afterwards, and what `ip` wrote on standard error. */
type Answer = { readonly interfaces: readonly Interface[]; readonly complaints: readonly string[] };

/** What `ip` has been asked and has not answered yet. */
type Question = { complaints: string[]; readonly answer: (answer: Outcome<Answer, string>) => void };

/** The interfaces afterwards, and the addresses that did not stand before. */
export type Raised = { readonly interfaces: readonly Interface[]; readonly added: readonly IpAddress[] };

/** Network interfaces and the floating addresses on them. Every failure is in words, with `ip`'s standard error. */
export type AddressBatch = {
  readonly interfaces: () => Promise<Outcome<readonly Interface[], string>>;
  /**
   * Brings addresses up, or renews their time; the answer has the interfaces afterwards, on which all of them stand. The
   * kernel takes them away `lease` seconds later, if one is given. `inTime` is asked when `ip` has shown what there is and
   * nothing is changed yet: if it is false, because this process has been asleep, what is missing stays down.
   */
  readonly raise: (
    addresses: readonly FloatingAddress[],
    lease?: number,
    inTime?: () => boolean,
  ) => Promise<Outcome<Raised, string>>;
  /** Takes addresses down; success means that none of them stands on its device. */
  readonly lower: (addresses: readonly FloatingAddress[]) => Promise<Outcome<readonly Interface[], string>>;
  readonly close: () => Promise<void>;
};

/** A raising that has not begun yet; whoever asks for the same tells anew until when it is in time. */
type Waiting = {
  readonly wanted: readonly [readonly FloatingAddress[], number | undefined];
  inTime: () => boolean;
  readonly done: ReturnType<AddressBatch['raise']>;
};

const always = (): boolean => true;

/** `ip` answers in a few ms; after this long it hangs and is killed. */
const answerLimit: Millis = milliseconds(2000);

/** Starts `ip` at once, and again when it has ended. */
export function openAddressBatch(): AddressBatch {
  const ip = standingIp();

  const interfaces = async (): Promise<Outcome<readonly Interface[], string>> => {
    const answer = await ip.ask([]);
    return answer.ok ? success(answer.value.interfaces) : answer;
  };

  // What a change reads must still be true when it writes.
  const oneByOne = inTurn();

  // An `ip` that is slower than the heartbeat is asked again and again: one that waits for its turn is enough. Else the
  // way down would have to wait behind all of them.
  let waiting: Waiting | undefined;

  const raise: AddressBatch['raise'] = (wanted, lease, inTime = always) => {
    if (waiting !== undefined && isDeepStrictEqual(waiting.wanted, [wanted, lease])) {
      waiting.inTime = inTime;
      return waiting.done;
    }
    const done = oneByOne(async () => {
      if (waiting === mine) waiting = undefined;
      let [raised, added] = [wanted, wanted];
      const changed = await change(ip.ask, {
        unseen: [],
        linesFor: (now) => {
          raised = mine.inTime() ? wanted : present(now, wanted);
          added = missing(now, raised);
          return raiseLines(now, raised, lease);
        },
        isDone: (now) => missing(now, raised).length === 0,
      });
      return changed.ok ? success({ interfaces: changed.value, added: added.map(({ address }) => address) }) : changed;
    });
    const mine: Waiting = { wanted: [wanted, lease], inTime, done };
    waiting = mine;
    return done;
  };

  const lower: AddressBatch['lower'] = (unwanted) => {
    waiting = undefined;
    // To look first would leave them up for one more answer of `ip`: the partner may be about to raise them.
    return oneByOne(() =>
      change(ip.ask, {
        unseen: unwanted.map(lowerLine),
        linesFor: (now) => lowerLines(now, unwanted),
        isDone: (now) => lowerLines(now, unwanted).length === 0,
      }),
    );
  };
  return { interfaces, raise, lower, close: ip.close };
}

/** What is to be told to `ip`: some lines unseen, then those that are needed by what it shows afterwards. */
type Change = {
  readonly unseen: readonly string[];
  readonly linesFor: (now: readonly Interface[]) => readonly string[];
  readonly isDone: (now: readonly Interface[]) => boolean;
};

type Ask = (lines: readonly string[]) => Promise<Outcome<Answer, string>>;

/** The interfaces as they are when it is done. */
async function change(ask: Ask, { unseen, linesFor, isDone }: Change): Promise<Outcome<readonly Interface[], string>> {
  const before = await ask(unseen);
  if (!before.ok) return before;
  const lines = linesFor(before.value.interfaces);
  if (lines.length === 0) return success(before.value.interfaces);
  const after = await ask(lines);
  if (!after.ok) return after;
  if (isDone(after.value.interfaces)) return success(after.value.interfaces);
  return failure(`ip: ${after.value.complaints.join('; ') || 'the change had no effect'} (${lines.join('; ')})`);
}

function standingIp() {
  const questions: Question[] = [];
  let closing = false;
  const child = keepRunning({
    file: 'ip',
    args: ['-j', '-force', '-batch', '-'],
    onLine: (line) => {
      // Complaints were written before this answer but come through another pipe: let them be read first.
      setImmediate(() => {
        onAnswer(line);
      });
    },
    onErrorLine: (line) => {
      // The number of the line since `ip` was started: it would make every complaint a new one.
      if (!line.startsWith('Command failed ')) questions[0]?.complaints.push(line);
    },
    onEnd: (ending) => {
      for (const question of questions.splice(0)) question.answer(failure(`ip ${describeEnding(ending)}`));
    },
  });

  function onAnswer(line: string): void {
    const question = questions.shift();
    const decoded = decodeInterfaces(line);
    if (!decoded.ok) question?.answer(failure(`ip gave an answer that could not be read: ${decoded.error}`));
    else question?.answer(success({ interfaces: decoded.value, complaints: question.complaints }));
  }

  /** Runs lines in order; `address show` behind them prints one line, which tells that they are done. */
  const ask: Ask = (lines) =>
    new Promise((resolve) => {
      if (closing) {
        resolve(failure('ip was closed'));
        return;
      }
      const hanging = setTimeout(() => {
        child.signal('SIGKILL');
      }, answerLimit);
      const answer = (outcome: Outcome<Answer, string>): void => {
        clearTimeout(hanging);
        resolve(outcome);
      };
      questions.push({ complaints: [], answer });
      child.send([...lines, 'address show', ''].join('\n'));
    });

  const close = async (): Promise<void> => {
    closing = true;
    await child.close(500);
  };
  return { ask, close };
}
