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

/** Runs a command to its end, or kills it at its limit. Never throws. */
export async function runCommand(command: Command): Promise<Outcome<CommandOutput, CommandFailure>> {
  const result = await execa(command.file, command.args, {
    reject: false,
    timeout: command.limit,
    killSignal: 'SIGKILL',
    maxBuffer: mostOutput,
    stripFinalNewline: true,
    ...(command.input === undefined ? { stdin: 'ignore' } : { input: command.input }),
  });
  const { stdout, stderr } = result;
  if (!result.failed) return success({ stdout, stderr });
  const name = [command.file, ...command.args].join(' ');
  const reason = result.timedOut
    ? `did not end within ${command.limit} ms`
    : result.exitCode !== undefined
      ? `ended with status ${result.exitCode}`
      : result.signal !== undefined
        ? `was killed by ${result.signal}`
        : (result.originalMessage ?? 'could not be started');
  return failure({ problem: `${name}: ${reason}`, stderr, status: result.exitCode });
}
