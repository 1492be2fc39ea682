// A long-lived child: started in one place, spoken to in lines, and its ending is a fact like any other.
import { execa } from 'execa';
import { readLines } from './read-lines.ts';

/** How a child came to its end. */
export type Ending =
  | { readonly type: 'exited'; readonly code: number }
  | { readonly type: 'killed'; readonly signal: string }
  | { readonly type: 'not-started'; readonly cause: string }
  /** Of a process that is no child: nobody tells how it ended. */
  | { readonly type: 'vanished' };

/** What to start, and who listens. */
export type ChildOptions = {
  readonly file: string;
  readonly args: readonly string[];
  readonly onLine: (line: string) => void;
  readonly onErrorLine: (line: string) => void;
  /** Called exactly once, after all output was read. */
  readonly onEnd: (ending: Ending) => void;
};

/** A running child. Its standard input is its lifeline: it ends when that closes. */
export type Child = {
  readonly pid: number | undefined;
  /** Writes one or more lines; without effect once the child has ended. */
  readonly send: (lines: string) => void;
  readonly signal: (name: NodeJS.Signals) => void;
  /** SIGTERM, and SIGKILL if the child lives longer than `graceMs`. Resolves when it has ended. */
  readonly stop: (graceMs: number) => Promise<Ending>;
};

/** Node's own words for an ending, for log lines. */
export function describeEnding(ending: Ending): string {
  switch (ending.type) {
    case 'exited':
      return `exited with status ${ending.code}`;
    case 'killed':
      return `was killed by ${ending.signal}`;
    case 'not-started':
      return `could not be started: ${ending.cause}`;
    case 'vanished':
      return 'has ended';
  }
}

/** Starts a child in a session of its own, so that a terminal's Ctrl-C reaches only its parent. Never throws. */
export function startChild(options: ChildOptions): Child {
  const child = execa(options.file, options.args, {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    detached: true,
    cleanup: false,
  });
  readLines(child.stdout, options.onLine);
  readLines(child.stderr, options.onErrorLine);
  child.stdin.on('error', () => undefined);
  const ended = child.then((result): Ending => {
    if (result.signal !== undefined) return { type: 'killed', signal: result.signal };
    if (result.exitCode !== undefined) return { type: 'exited', code: result.exitCode };
    return { type: 'not-started', cause: result.originalMessage ?? 'unknown reason' };
  });
  void ended.then(options.onEnd);
  const signal = (name: NodeJS.Signals): void => {
    child.kill(name);
  };
  return {
    pid: child.pid,
    send: (lines) => {
      if (child.stdin.writable) child.stdin.write(lines);
    },
    signal,
    stop: async (graceMs) => {
      signal('SIGTERM');
      const deadline = setTimeout(() => {
        signal('SIGKILL');
      }, graceMs);
      const ending = await ended;
      clearTimeout(deadline);
      return ending;
    },
  };
}
