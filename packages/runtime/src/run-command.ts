// A short command with a time limit: its output, or why there is none.
import type { Millis, Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import { execa } from 'execa';

/** What to run. No shell: `args` reach the program as they are. */
export type Command = {
  readonly file: string;
  readonly args: readonly string[];
  readonly input?: string;
  readonly limit: Millis;
};

/** What a command wrote before it ended with status 0. */
export type CommandOutput = { readonly stdout: string; readonly stderr: string };

/** Why a command gave no result: in words, with what it wrote on standard error. */
export type CommandFailure = {
  readonly problem: string;
  readonly stderr: string;
  /** Undefined where it did not come to an end of its own. */
  readonly status: number | undefined;
};

/** A failure on one line, with what the command said. */
export const describeFailure = ({ problem, stderr }: CommandFailure): string =>
  stderr === '' ? problem : `${problem}: ${oneLine(stderr)}`;

/** Lines of output as one line. */
export const oneLine = (text: string): string => text.trim().replaceAll(/\s*\n\s*/g, '; ');

/** Output over this many bytes ends a command. */
const mostOutput = 16 * 1024 * 1024;

/** How every command is run: its failure is a value, its output bounded. */
export const usualWays = {
  reject: false,
  killSignal: 'SIGKILL',
  maxBuffer: mostOutput,
  stripFinalNewline: true,
} as const;

/** Runs a command to its end, or kills it at its limit. Never throws. */
export async function runCommand(command: Command): Promise<Outcome<CommandOutput, CommandFailure>> {
  const result = await execa(command.file, command.args, {
    ...usualWays,
    timeout: command.limit,
    ...(command.input === undefined ? { stdin: 'ignore' } : { input: command.input }),
  });
  return outcomeOf(command, result, result.timedOut);
}

/** A program to run again and again with other arguments: what it printed, or why it did not, in words. */
export const asking =
  (file: string, limit: Millis) =>
  async (...args: readonly string[]): Promise<Outcome<string, string>> => {
    const ran = await runCommand({ file, args, limit });
    return ran.ok ? success(ran.value.stdout) : failure(describeFailure(ran.error));
  };

/** What is asked of a command that has ended. */
type Ended = CommandOutput & {
  readonly failed: boolean;
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly originalMessage?: string | undefined;
};

/** What an ended command gave, or why it gave nothing. */
export function outcomeOf(
  command: Omit<Command, 'input'>,
  ended: Ended,
  timedOut: boolean,
): Outcome<CommandOutput, CommandFailure> {
  const { stdout, stderr } = ended;
  if (!ended.failed) return success({ stdout, stderr });
  const name = [command.file, ...command.args].join(' ');
  const reason = timedOut
    ? `did not end within ${command.limit} ms`
    : ended.exitCode !== undefined
      ? `ended with status ${ended.exitCode}`
      : ended.signal !== undefined
        ? `was killed by ${ended.signal}`
        : (ended.originalMessage ?? 'could not be started');
  return failure({ problem: `${name}: ${reason}`, stderr, status: ended.exitCode });
}
