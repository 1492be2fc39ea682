// A command that is started ahead and waits for its input: when it is needed, its start is already over.
import type { Millis, Outcome } from '@piranha/domain';
import type { CommandFailure, CommandOutput } from './run-command.ts';
import { outcomeOf } from './run-command.ts';
import { startProcess } from './start-process.ts';

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
  const running = startProcess(file, args, { input: 'pipe' });
  let waiting = running.pid !== undefined;
  const ended = running.ended.finally(() => (waiting = false));
  return {
    file,
    waits: () => waiting,
    run: (input, limit) => {
      waiting = false;
      return outcomeOf({ file, args, limit }, running, input);
    },
    drop: async () => {
      waiting = false;
      running.signal('SIGKILL');
      await ended;
    },
  };
}
