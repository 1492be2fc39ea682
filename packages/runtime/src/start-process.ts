// Starts a process. What keeps one from starting is an ending like any other: Node throws some of the system's refusals,
// and tells others as an event of a process that has no streams (too many open files, for example).
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { getSystemErrorMap } from 'node:util';
import type { Ending } from '@piranha/domain';

/** A process, or what is left of the attempt: without a pid nothing can be sent to it or read from it. */
export type StartedProcess = {
  readonly pid: number | undefined;
  /** Undefined where it reads no input, or was not started. */
  readonly stdin: Writable | undefined;
  readonly output: readonly [stdout: Readable, stderr: Readable] | undefined;
  /** Without effect once it has ended. */
  readonly signal: (name: NodeJS.Signals) => void;
  /** Stops reading what it, or a child of its own, still writes: else its ending would wait for that. */
  readonly deafen: () => void;
  /** Resolves when it has exited, whatever of its output others still hold open; never where it was not started. */
  readonly exited: Promise<void>;
  /** Resolves when it has ended and all that it wrote was read. Never rejects. */
  readonly ended: Promise<Ending>;
};

/** How it is started; as another user it has no groups but that user's own one. */
type StartOptions = Pick<SpawnOptions, 'detached' | 'uid' | 'gid'> & { readonly input: 'pipe' | 'ignore' };

/** Starts it, without a shell. Never throws. */
export function startProcess(
  file: string,
  args: readonly string[],
  { input, ...options }: StartOptions,
): StartedProcess {
  try {
    return watch(spawn(file, args, { ...options, env: process.env, stdio: [input, 'pipe', 'pipe'] }));
  } catch (error) {
    return neverStarted(reasonOf(error as NodeJS.ErrnoException));
  }
}

/** Node's types know nothing of a process without streams. */
type Streams = { readonly [Name in 'stdin' | 'stdout' | 'stderr']?: ChildProcess[Name] };

function watch(child: ChildProcess): StartedProcess {
  const ended = new Promise<Ending>((resolve) => {
    child.on('error', (error) => {
      // Other errors, of signals that could not be sent, are followed by the end.
      if (child.pid === undefined) resolve({ type: 'not-started', cause: reasonOf(error) });
    });
    child.once('close', (code, signal) => {
      if (child.pid !== undefined) resolve(endingOf(code, signal));
    });
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  const { stdin, stdout, stderr }: Streams = child;
  // A pipe breaks when the other end dies; that end is reported elsewhere.
  for (const pipe of [stdin, stdout, stderr]) pipe?.on('error', () => undefined);
  return {
    pid: child.pid,
    stdin: stdin ?? undefined,
    output: stdout && stderr ? [stdout, stderr] : undefined,
    signal: (name) => {
      // Without a pid Node would signal our own process group.
      if (child.pid !== undefined) child.kill(name);
    },
    deafen: () => {
      stdout?.destroy();
      stderr?.destroy();
    },
    exited,
    ended,
  };
}

const endingOf = (code: number | null, signal: NodeJS.Signals | null): Ending =>
  code === null ? { type: 'killed', signal: signal ?? 'a signal' } : { type: 'exited', code };

const neverStarted = (cause: string): StartedProcess => ({
  ...{ pid: undefined, stdin: undefined, output: undefined, signal: () => undefined, deafen: () => undefined },
  exited: new Promise(() => undefined),
  ended: Promise.resolve({ type: 'not-started', cause }),
});

/** Node's words, which have the program and the code, and the system's. */
function reasonOf({ message, errno }: NodeJS.ErrnoException): string {
  const words = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  return words === undefined ? message : `${message}: ${words}`;
}
