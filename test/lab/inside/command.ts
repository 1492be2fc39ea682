// Commands of the lab, short ones and long ones.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { nowMs, step, tellWait } from './steps.ts';

export { nowMs };

/** What a command did. */
export type Result = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** No usual command of the lab may take longer (ms). */
const usualLimit = 30_000;

/** Runs a command to its end; one that takes longer than the limit is killed, with what it started. */
export async function run(words: readonly string[], input = '', limit = usualLimit): Promise<Result> {
  const [file = '', ...args] = words;
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : 9));
    });
  });
  const deadline = setTimeout(() => {
    step(`${words.join(' ').slice(0, 200)}: killed, it did not end within ${limit} ms`);
    end(child);
  }, limit);
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [stdout, stderr, code] = await Promise.all([textOf(child.stdout), textOf(child.stderr), ended]).finally(() => {
    clearTimeout(deadline);
  });
  return { code, stdout, stderr };
}

/** What was printed until the end, or until nobody listened any more. */
async function textOf(stream: Readable): Promise<string> {
  const parts: string[] = [];
  stream.setEncoding('utf8');
  stream.on('data', (part: string) => parts.push(part));
  stream.on('error', () => undefined);
  await new Promise((resolve) => stream.once('close', resolve));
  return parts.join('');
}

/** Ends a program and its group. Whatever escaped from it may hold its output open: nobody waits for that. */
function end(child: ChildProcess): void {
  signalGroup(child, 'SIGKILL');
  for (const stream of [child.stdout, child.stderr]) stream?.destroy();
}

/** Runs a command that has to succeed; gives its standard output. */
export async function must(words: readonly string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await run(words, input);
  if (code !== 0) throw new Error(`${words.join(' ')}: status ${code}: ${stderr || stdout}`);
  return stdout;
}

/** A program that runs on; its lines go to `onLine`. */
export type Running = { readonly pid: number; readonly stop: (signal?: NodeJS.Signals) => Promise<void> };

/** Starts a program that runs until it is stopped. */
export function start(words: readonly string[], onLine: (line: string) => void = () => undefined): Running {
  const [file = '', ...args] = words;
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const ended = new Promise<void>((resolve) =>
    child.once('close', () => {
      resolve();
    }),
  );
  child.on('error', (error) => {
    onLine(`${file}: ${error.message}`);
  });
  for (const stream of [child.stdout, child.stderr]) eachLine(stream, onLine);
  return {
    pid: child.pid ?? 0,
    stop: async (signal = 'SIGTERM') => {
      signalGroup(child, signal);
      const deadline = setTimeout(() => {
        end(child);
      }, 5000);
      await ended;
      clearTimeout(deadline);
    },
  };
}

/** Signals a program and what it started; one that has ended already is no error. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  process.kill(-child.pid, signal);
}

function eachLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
}

/** What is waited for, or nothing yet. */
type Answer<T> = T | undefined | false;

/**
 * Waits until `holds` gives something; fails after `limitMs`. It looks every 50 ms, or a third of the time where looking
 * takes long: what is waited for needs the processor, too. While a guest stands still nobody in it can do anything: that
 * time does not count.
 */
export async function until<T>(what: string, limitMs: number, holds: () => Answer<T> | Promise<Answer<T>>): Promise<T> {
  const began = nowMs();
  let end = began + limitMs;
  for (;;) {
    const looked = nowMs();
    const value = await holds();
    if (value !== undefined && value !== false) {
      tellWait(what, nowMs() - began, 'held');
      return value;
    }
    const slept = nowMs();
    if (slept > end) {
      tellWait(what, slept - began, 'failed');
      throw new Error(`${what}: not within ${limitMs} ms`);
    }
    const nap = Math.max(50, 2 * (slept - looked));
    await pause(nap);
    end += nowMs() - slept - nap;
  }
}

/** Lets time pass: where a scenario is about what happens meanwhile. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
