// A short command with a time limit: its output, or why there is none.
import type { Ending, Millis, Outcome, UserIds } from '@piranha/domain';
import { describeEnding, failure, success } from '@piranha/domain';
import type { StartedProcess } from './start-process.ts';
import { killedLikeOthers } from './memory-shortage.ts';
import { startProcess } from './start-process.ts';

/** What to run. No shell: `args` reach the program as they are. */
export type Command = {
  readonly file: string;
  readonly args: readonly string[];
  readonly input?: string;
  readonly limit: Millis;
  /** The user to run it as; whoever we are where absent. */
  readonly as?: UserIds;
  /** It is killed like others when memory runs out: an administrator's program, not a part of the suite. */
  readonly killedLikeOthers?: boolean;
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
export function runCommand(command: Command): Promise<Outcome<CommandOutput, CommandFailure>> {
  const { file, args, input, as } = command;
  const started = startProcess(file, args, { ...as, input: input === undefined ? 'ignore' : 'pipe' });
  if (command.killedLikeOthers === true && started.pid !== undefined) killedLikeOthers(started.pid);
  return outcomeOf(command, started, input);
}

/** A program to run again and again with other arguments: what it printed, or why it did not, in words. */
export const asking =
  (file: string, limit: Millis) =>
  async (...args: readonly string[]): Promise<Outcome<string, string>> => {
    const ran = await runCommand({ file, args, limit });
    return ran.ok ? success(ran.value.stdout) : failure(describeFailure(ran.error));
  };

/** Gives a process its input, and waits for its end; at the limit it is killed, and what it started keeps nobody waiting. */
export async function outcomeOf(
  { file, args, limit }: Omit<Command, 'input'>,
  running: StartedProcess,
  input?: string,
): Promise<Outcome<CommandOutput, CommandFailure>> {
  let cut: string | undefined;
  const cutOff = (why: string): void => {
    cut ??= why;
    running.signal('SIGKILL');
    running.deafen();
  };
  const deadline = setTimeout(cutOff, limit, `did not end within ${limit} ms`);
  const written = collect(running, () => {
    cutOff(`wrote more than ${mostOutput} bytes`);
  });
  running.stdin?.end(input);
  const ending = await running.ended;
  clearTimeout(deadline);
  const [stdout, stderr] = written();
  if (cut === undefined && ending.type === 'exited' && ending.code === 0) return success({ stdout, stderr });
  const status = cut === undefined && ending.type === 'exited' ? ending.code : undefined;
  return failure({ problem: `${[file, ...args].join(' ')}: ${cut ?? inWords(ending)}`, stderr, status });
}

const inWords = (ending: Ending): string =>
  ending.type === 'exited' ? `ended with status ${ending.code}` : describeEnding(ending);

/** Reads standard output and standard error; gives what has come so far, each without a newline at its end. */
function collect({ output }: StartedProcess, onTooMuch: () => void): () => readonly [string, string] {
  const pieces: readonly [Buffer[], Buffer[]] = [[], []];
  let size = 0;
  output?.forEach((stream, index) => {
    stream.on('data', (piece: Buffer) => {
      size += piece.length;
      if (size > mostOutput) onTooMuch();
      else pieces[index === 0 ? 0 : 1].push(piece);
    });
  });
  const textOf = (all: readonly Buffer[]): string =>
    Buffer.concat(all)
      .toString()
      .replace(/\r?\n$/, '');
  return () => [textOf(pieces[0]), textOf(pieces[1])];
}
