// A long-lived child: started in one place, spoken to in lines, and its ending is a fact like any other.
import type { Ending } from '@piranha/domain';
import { readLines } from './read-lines.ts';
import { startProcess } from './start-process.ts';

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
  /** Stops reading what it says. */
  readonly deafen: () => void;
  /** SIGTERM, and SIGKILL if the child lives longer than `graceMs`. Resolves when it has ended. */
  readonly stop: (graceMs: number) => Promise<Ending>;
};

/** For so long what an ended child wrote last is read, where a child of its own keeps its output open. */
const lastWordsMs = 500;

/** Starts a child in a session of its own, so that a terminal's Ctrl-C reaches only its parent. Never throws. */
export function startChild({ file, args, onLine, onErrorLine, onEnd }: ChildOptions): Child {
  const { pid, stdin, output, signal, deafen, exited, ended } = startProcess(file, args, {
    input: 'pipe',
    detached: true,
  });
  // What it has left behind may hold its output open for ever.
  void exited.then(() => {
    const last = setTimeout(deafen, lastWordsMs);
    void ended.then(() => {
      clearTimeout(last);
    });
  });
  if (output !== undefined) {
    readLines(output[0], onLine);
    readLines(output[1], onErrorLine);
  }
  void ended.then(onEnd);
  return {
    pid,
    send: (lines) => {
      if (stdin?.writable === true) stdin.write(lines);
    },
    signal,
    deafen,
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
