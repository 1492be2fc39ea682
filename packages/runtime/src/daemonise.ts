// Going into the background: the parent stays until the child is ready or has failed, and tells the caller.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { closeSync, fstatSync, writeSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { visibleLines } from '@piranha/domain';
import type { Logger } from '@piranha/logging';

/** How a daemon tells whoever started it what became of the start. Exactly one of the two is called, once. */
export type Startup = {
  /** `note`: what whoever started it should know, for it has not begun its work yet. */
  readonly ready: (note?: string) => void;
  /** `text` is for people and may have several lines; `code` is the exit status. */
  readonly failed: (text: string, code: number) => void;
};

/** Names the descriptor on which the child of `daemonise` reports; its presence says "you are that child". */
const reportVariable = 'PIRANHA_STARTUP_FD';

/** A child that has said nothing for this long has failed (ms). */
const startLimit = 60_000;

/** Whether this process was started by `daemonise`. */
export const isDaemonChild = (): boolean => process.env[reportVariable] !== undefined;

/** The start-up report of a process in the foreground: failures go to standard error. */
export const foregroundStartup: Startup = {
  ready: () => undefined,
  failed: (report, code) => {
    process.stderr.write(`${visibleLines(report)}\n`);
    process.exitCode = code;
  },
};

/** The start-up report of a daemon's child: one line on the pipe to the waiting parent. */
export function daemonStartup(): Startup {
  const descriptor = Number(process.env[reportVariable]);
  Reflect.deleteProperty(process.env, reportVariable);
  // The parent reads our standard error only until we are ready.
  process.stderr.on('error', () => undefined);
  const report = (message: string): void => {
    // The parent may have been killed meanwhile; the daemon lives on.
    try {
      writeSync(descriptor, message);
      closeSync(descriptor);
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  };
  return {
    ready: (note) => {
      report(note === undefined ? 'ready' : JSON.stringify({ note }));
    },
    failed: (problem, code) => {
      report(JSON.stringify({ problem, code }));
      process.exitCode = code;
    },
  };
}

/**
 * Also logs a failure, line by line: who started it at boot reads no terminal. Where standard error ends in the journal
 * (systemd.exec(5), JOURNAL_STREAM), the log is enough.
 */
export const loggedStartup = (startup: Startup, log: Logger): Startup => ({
  ready: startup.ready,
  failed: (report, code) => {
    for (const line of report.split('\n')) log.error(line.replace(/^\w+: /, ''));
    log.error('not started', { status: code });
    if (startup === foregroundStartup && endsInJournal()) process.exitCode = code;
    else startup.failed(report, code);
  },
});

/** For a daemon that was told to be ready before it could begin: what keeps it from that is only logged. */
export const afterReady = (log: Logger): Startup => ({
  ready: () => undefined,
  failed: (report, code) => {
    for (const line of report.split('\n')) log.error(line.replace(/^\w+: /, ''));
    process.exitCode = code;
  },
});

function endsInJournal(): boolean {
  const { dev, ino } = fstatSync(process.stderr.fd);
  return process.env['JOURNAL_STREAM'] === `${dev}:${ino}`;
}

/**
 * Starts this very program again in a session of its own, without terminal, and waits until it is ready.
 * Gives the exit status for the caller: 0, or the child's with its report on standard error. A child that died before it
 * could report has logged nothing either: `onDeath` hears of it.
 */
export async function daemonise(onDeath: (problem: string) => Promise<void>): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: { ...process.env, [reportVariable]: '3' },
  });
  const { report, complaints } = await reportOf(child);
  if (report === 'ready') return 0;
  const reported = readReport(report);
  if (reported !== undefined && 'note' in reported) {
    process.stdout.write(`${visibleLines(reported.note)}\n`);
    return 0;
  }
  // It has perhaps written why.
  const problem =
    reported?.problem ?? `the daemon ended before it was ready: ${complaints || 'the system log may say why'}`;
  process.stderr.write(`${visibleLines(problem)}\n`);
  if (reported === undefined) await onDeath(problem);
  return reported?.code ?? 1;
}

/** What the child reports, and what it wrote on standard error until then. */
async function reportOf(child: ChildProcess): Promise<{ readonly report: string; readonly complaints: string }> {
  const deadline = setTimeout(() => child.kill('SIGKILL'), startLimit);
  let complaints = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (complaints += chunk));
  // Not started (too many open files, say): then it has no pipes.
  child.on('error', (error) => (complaints = error.message));
  const pipe = (child.stdio as typeof child.stdio | undefined)?.[3];
  const report = pipe === undefined ? await nextTurn('') : await text(pipe as Readable);
  clearTimeout(deadline);
  child.stderr?.destroy();
  child.unref();
  return { report, complaints: complaints.trim() };
}

function readReport(report: string): { problem: string; code: number } | { note: string } | undefined {
  try {
    return JSON.parse(report) as { problem: string; code: number } | { note: string };
  } catch {
    return undefined;
  }
}
