// A standing `ip -force -batch -`: lines are run without a process being started, and the result is read back.
import type { Millis, Outcome } from '@piranha/domain';
import { describeEnding, failure, milliseconds, success } from '@piranha/domain';
import type { Interface } from '@piranha/protocol';
import { decodeInterfaces } from '@piranha/protocol';
import { keepRunning } from './standing-child.ts';

/** The interfaces as they were afterwards, and what `ip` wrote on standard error. */
export type Answer = { readonly interfaces: readonly Interface[]; readonly complaints: readonly string[] };

/** What `ip` has been asked and has not answered yet. */
type Question = { complaints: string[]; readonly answer: (answer: Outcome<Answer, string>) => void };

/** Runs lines in order, then looks; every failure is in words. */
export type Ask = (lines: readonly string[]) => Promise<Outcome<Answer, string>>;

/** `ip` answers in a few ms; after this long it hangs and is killed. */
const answerLimit: Millis = milliseconds(2000);

/** Starts `ip` at once, and again when it has ended. */
export function standingIp(program: string): { readonly ask: Ask; readonly close: () => Promise<void> } {
  const questions: Question[] = [];
  let closing = false;
  const child = keepRunning({
    file: program,
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
