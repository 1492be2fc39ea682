// A command that is started ahead and waits for its input: when it is needed, its start is already over.
import type { Millis, Outcome } from '@piranha/domain';
import { execa } from 'execa';
import type { CommandFailure, CommandOutput } from './run-command.ts';
import { outcomeOf, usualWays } from './run-command.ts';

/** A command that reads its input to the end, and does it once. */
export type ReadyCommand = {
  readonly file: string;
  /** Whether it is still there for its one use. */
  readonly waits: () => boolean;
  /** Gives it its input and waits for its end, or kills it at the limit. Never throws. */
  readonly run: (input: string, limit: Millis) => Promise<Outcome<CommandOutput, CommandFailure>>;
  /** Ends it unused. Resolves when it is gone. */
  readonly drop: () => Promise<void>;
};

/** Starts it. No shell: `args` reach the program as they are. */
export function startReadyCommand(file: string, args: readonly string[]): ReadyCommand {
  const child = execa(file, args, { ...usualWays, stdin: 'pipe' });
  let waiting = true;
  // A pipe breaks when its reader dies; that is told by its ending.
  child.stdin.on('error', () => undefined);
  const ended = child.then((result) => {
    waiting = false;
    return result;
  });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  return {
    file,
    waits: () => waiting,
    run: async (input, limit) => {
      waiting = false;
      let timedOut = false;
      const deadline = setTimeout(() => {
        timedOut = true;
        kill();
      }, limit);
      child.stdin.end(input);
      const result = await ended;
      clearTimeout(deadline);
      return outcomeOf({ file, args, limit }, result, timedOut);
    },
    drop: async () => {
      waiting = false;
      kill();
      await ended;
    },
  };
}
