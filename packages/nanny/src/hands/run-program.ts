// Runs a program once, within bounds: what it wrote, or how it failed; nothing that it started stays.
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { failure, success } from '@piranha/domain';
import { searchPath } from '@piranha/runtime/trust';
import type { Bounds } from './attempt.ts';
import { attempt } from './attempt.ts';
import type { Checked } from '../rules/check-result.ts';
import { isNotMade, notMade, systemFailure } from '../rules/check-result.ts';
import { describeError, quote, shorten } from '../rules/describe.ts';
import { mayBeMemoryKill, memoryKills } from './memory-kills.ts';
import { killFamily, killGroup, killMarked } from './program-family.ts';

/** What a program that ended with status 0 has written; the beginning of it. */
export type Written = { readonly output: Buffer; readonly complaint: Buffer };

/** One that runs. All that it starts bears its mark. */
type Program = ChildProcessByStdio<null, Readable, Readable> & { readonly pid: number; readonly mark: string };

/** No more of what a program writes is looked at. */
const mostBytes = 64 * 1024;

/** What a program wrote can be read this long after its end (ms); its output may be open longer. */
const lastWords = 100;

/** Of the environment, programs see these variables where they are set, and the search path. */
const passedOn = ['HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LANGUAGE', 'LC_ALL', 'LC_CTYPE', 'TZ', 'TMPDIR'];

/** The variable by which a program and all that it starts are known. */
const marker = 'PIRANHA_CHECK';

/** Runs a program, in a small environment that `changes` adds to. */
export async function runProgram(
  argv: readonly string[],
  bounds: Bounds,
  changes: Readonly<Record<string, string>> = {},
): Promise<Checked<Written>> {
  const abnormal = (how: string): Checked<Written> =>
    failure(`The following exited abnormally: ${shorten(argv.join(' '))}: ${how}`);
  const killsBefore = memoryKills();
  const started = await start(argv, changes);
  if (isNotMade(started)) return notMade(`${shorten(argv.join(' '))} cannot be started: ${started.error}`);
  if (!started.ok) return abnormal(started.error);
  const program = started.value;
  return attempt<Written>(bounds, (settle) => {
    const output = collect(program.stdout);
    const complaint = collect(program.stderr);
    let listening: NodeJS.Timeout | undefined;
    const finding = (): Checked<Written> => {
      if (program.exitCode === 0) return success({ output: output(), complaint: complaint() });
      if (program.signalCode === 'SIGKILL' && mayBeMemoryKill(killsBefore, memoryKills())) {
        return notMade(`${shorten(argv.join(' '))} was killed: the kernel is short of memory`);
      }
      return abnormal(`${endingOf(program)}${complaint().length > 0 ? `, ${quote(complaint())}` : ''}`);
    };
    const finish = (): void => {
      settle(finding());
    };
    program.once('exit', () => {
      // What the program leaves running would keep its output open.
      killGroup(program.pid);
      listening = setTimeout(() => {
        killMarked(`${marker}=${program.mark}`);
        // Timers come before pipes in Node's loop: what was written is read first.
        setImmediate(finish);
      }, lastWords);
    });
    program.once('close', finish);
    return {
      atLimit: () => (hasEnded(program) ? finding() : abnormal(`killed after ${bounds.limit} ms`)),
      close: () => {
        clearTimeout(listening);
        // After its end, its number may be another's.
        if (!hasEnded(program)) killFamily(program.pid);
        program.stdout.destroy();
        program.stderr.destroy();
      },
    };
  });
}

const hasEnded = ({ exitCode, signalCode }: Program): boolean => exitCode !== null || signalCode !== null;

const endingOf = ({ exitCode, signalCode }: Program): string =>
  exitCode === null ? `killed by ${signalCode ?? 'a signal'}` : `status ${exitCode}`;

/** Starts it in a process group of its own, so that whatever it starts can be ended with it. */
async function start(
  [file = '', ...args]: readonly string[],
  changes: Readonly<Record<string, string>>,
): Promise<Checked<Program>> {
  const { spawn } = await import('node:child_process');
  const mark = `${process.pid}.${process.hrtime.bigint()}`;
  try {
    const env = { ...environment(), ...changes, [marker]: mark };
    const spawned = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env });
    const { pid } = spawned;
    if (pid !== undefined) return success(Object.assign(spawned, { pid, mark }));
    const [error] = (await once(spawned, 'error')) as [NodeJS.ErrnoException];
    return whyNotStarted(error);
  } catch (error) {
    // Node throws some of the system's refusals, such as too long an argument list, and emits others.
    return whyNotStarted(error as NodeJS.ErrnoException);
  }
}

/** That a nanny may not run a program is a matter of its user: it says nothing of a server. */
const whyNotStarted = (error: NodeJS.ErrnoException): Checked<never> =>
  error.code === 'EACCES' || error.code === 'EPERM' ? notMade(describeError(error)) : systemFailure(error);

/** No sockets and secrets that were given to pulse, such as systemd's. */
function environment(): NodeJS.ProcessEnv {
  const seen = Object.entries(process.env).filter(([name]) => passedOn.includes(name));
  return { ...Object.fromEntries(seen), PATH: searchPath };
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
