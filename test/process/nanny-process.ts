// A real nanny at work: the bundled program, ordered and heard over its pipes as lvs does it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { IpAddress } from '@piranha/domain';
import { milliseconds } from '@piranha/domain';
import type { CheckParts, NannyMessage } from '@piranha/protocol';
import { checkFrom } from '@piranha/protocol';

/** The nanny as scripts/install puts it on a router. */
export const nannyProgram = resolve('build/lib/nanny.cjs');

/** A check that has ended. */
export type Finding = { readonly verdict: string; readonly afterMs: number };

export type NannyProcess = {
  readonly pid: number;
  /** Checks a server once. The verdict is `up`, or `down: ` with the reason. */
  readonly check: (check: Partial<CheckParts> & Pick<CheckParts, 'port'>) => Promise<Finding>;
  /** Ends its input, as the end of lvs would; gives its exit status and what it wrote to standard error. */
  readonly end: () => Promise<{ readonly status: number | null; readonly complaints: string }>;
};

const usual: Omit<CheckParts, 'port'> = {
  virtual: '192.0.2.100:80',
  address: '127.0.0.1' as IpAddress,
  protocol: 'tcp',
  send: null,
  expect: null,
  useRegex: false,
  program: null,
  timeout: milliseconds(60_000),
  fall: 1,
  rise: 1,
  load: null,
};

/** Starts it in a folder of its own, by which all that it starts is recognised. */
export function startNanny(
  folder: string,
  env: NodeJS.ProcessEnv,
  words: readonly [string, ...string[]] = [process.execPath],
  options: readonly string[] = [],
): NannyProcess {
  const [file, ...args] = words;
  const child = spawn(file, [...args, nannyProgram, '--commands', ...options], { cwd: folder, env });
  const ended = Promise.all([once(child, 'close') as Promise<[number | null]>, text(child.stderr)]);
  const waiting = new Map<string, (verdict: string) => void>();
  const say = (command: unknown): void => void child.stdin.write(`${JSON.stringify(command)}\n`);
  createInterface(child.stdout).on('line', (line) => {
    const message = JSON.parse(line) as NannyMessage;
    if (message.type !== 'up' && message.type !== 'down') return;
    say({ type: 'forget', watch: message.watch });
    waiting.get(message.watch)?.(message.type === 'up' ? 'up' : `down: ${message.reason}`);
  });
  void ended.then(() => {
    waiting.forEach((tell) => {
      tell('the nanny has ended');
    });
  });
  return {
    pid: child.pid ?? 0,
    check: async (changes) => {
      const server = `server ${waiting.size}`;
      const began = performance.now();
      const verdict = await new Promise<string>((tell) => {
        waiting.set(server, tell);
        say({ type: 'watch', watch: server, known: 'unknown', check: checkFrom({ ...usual, ...changes }) });
      });
      return { verdict, afterMs: performance.now() - began };
    },
    end: async () => {
      child.stdin.end();
      const [[status], complaints] = await ended;
      return { status, complaints };
    },
  };
}

/** The most memory that a process ever had, in bytes. */
export function peakMemory(pid: number): number {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1]) * 1024;
}

export const openDescriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** Children that have ended and nobody asked for included. */
export const childrenOf = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/task`)
    .flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' '))
    .filter((word) => word !== '');

/** Command lines of all processes that run in a folder. */
export const runningIn = (folder: string): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (readlinkSync(`/proc/${pid}/cwd`) !== folder) return [];
        return [readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')];
      } catch {
        return []; // it has just ended
      }
    });
