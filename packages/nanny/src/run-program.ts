// Runs a program once, within bounds: what it wrote, or how it failed; nothing that it started stays.
import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import type { Bounds } from './attempt.ts';
import { attempt } from './attempt.ts';
import { describeError, quote } from './describe.ts';

/** What a program that ended with status 0 has written; the beginning of it. */
export type Written = { readonly output: Buffer; readonly complaint: Buffer };

type Program = ChildProcessByStdio<null, Readable, Readable>;

/** Programs are looked for here, whatever the search path of this process is. */
const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** No more of what a program writes is looked at. */
const mostBytes = 64 * 1024;

/** Runs a program, in this process's environment but for the search path and what `changes` says. */
export async function runProgram(
  argv: readonly string[],
  bounds: Bounds,
  changes: Readonly<Record<string, string>> = {},
): Promise<Outcome<Written, string>> {
  const abnormal = (how: string): Outcome<Written, string> =>
    failure(`The following exited abnormally: ${argv.join(' ')}: ${how}`);
  const started = await start(argv, changes);
  if (!started.ok) return abnormal(started.error);
  const program = started.value;
  return attempt<Written>(bounds, (settle) => {
    const output = collect(program.stdout);
    const complaint = collect(program.stderr);
    program.on('error', (error) => {
      settle(abnormal(describeError(error)));
    });
    // What the program leaves running would keep its output open.
    program.once('exit', () => {
      killGroup(program);
    });
    program.once('close', (status, signal) => {
      if (status === 0) settle(success({ output: output(), complaint: complaint() }));
      else settle(abnormal(`${endingOf(status, signal)}${complaint().length > 0 ? `, ${quote(complaint())}` : ''}`));
    });
    return {
      atLimit: () => abnormal(`killed after ${bounds.limit} ms`),
      close: () => {
        // After its end, its number may be another's.
        if (program.exitCode === null && program.signalCode === null) killGroup(program);
        program.stdout.destroy();
        program.stderr.destroy();
      },
    };
  });
}

const endingOf = (status: number | null, signal: string | null): string =>
  status === null ? `killed by ${signal ?? 'a signal'}` : `status ${status}`;

/** Starts it in a process group of its own, so that whatever it starts can be ended with it. */
async function start(
  [file = '', ...args]: readonly string[],
  changes: Readonly<Record<string, string>>,
): Promise<Outcome<Program, string>> {
  const { spawn } = await import('node:child_process');
  try {
    const env = { ...process.env, PATH: searchPath, ...changes };
    return success(spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env }));
  } catch (error) {
    // Node throws some of the system's refusals, such as too long an argument list, and emits others.
    return failure(describeError(error as NodeJS.ErrnoException));
  }
}

/** Reads a stream to its end and keeps its beginning. */
function collect(stream: Readable): () => Buffer {
  const pieces: Buffer[] = [];
  let size = 0;
  stream.on('data', (piece: Buffer) => {
    if (size < mostBytes) pieces.push(piece);
    size += piece.length;
  });
  return () => Buffer.concat(pieces).subarray(0, mostBytes);
}

function killGroup(program: Program): void {
  if (program.pid === undefined) return;
  try {
    process.kill(-program.pid, 'SIGKILL');
  } catch (error) {
    // Nobody is left in the group.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
