// The demonstration as a user runs it, to its end and cut short; afterwards nothing of it is left.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, jest, test } from '@jest/globals';

jest.setTimeout(400_000);

/** Starts the demonstration in a session and with a folder for temporary files of its own. */
function startDemo(...args: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'piranha-demo-'));
  const demo = spawn('scripts/demo', args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: folder },
  });
  const ended = once(demo, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  /** Processes of its session and files that are still there. */
  const leftovers = (): string[] => {
    const files = readdirSync(folder);
    if (files.length === 0) rmdirSync(folder);
    const processes = spawnSync('ps', ['-o', 'pid=,args=', '-s', String(demo.pid)], { encoding: 'utf8' }).stdout;
    return [...files, ...processes.split('\n').filter((line) => line !== '')];
  };
  return { demo, ended, leftovers };
}

/** Waits until it has said something. */
async function hasSaid({ stdout }: ChildProcess, words: string): Promise<void> {
  let said = '';
  for await (const chunk of stdout ?? []) {
    said += String(chunk);
    if (said.includes(words)) return;
  }
  throw new Error(`the demonstration ended without "${words}": ${said}`);
}

test.each(['nat', 'direct'])('with --network %s everything it shows is true, in under 3 minutes', async (network) => {
  const { demo, ended, leftovers } = startDemo('--network', network, '--json');
  const output = text(demo.stdout);
  const [code] = await ended;
  const shown = JSON.parse(await output) as { ok: boolean; network: string; steps: { name: string; ok: boolean }[] };
  expect(shown.steps.filter((step) => !step.ok)).toEqual([]);
  expect(shown.steps.map((step) => step.name)).toEqual([
    'start',
    'weights',
    'server-dies',
    'server-returns',
    'router-lost',
    'router-returns',
    'clean-stop',
  ]);
  expect([code, shown.ok, shown.network, leftovers()]).toEqual([0, true, network, []]);
});

test('Ctrl-C in the middle leaves no process, no guest and no temporary file', async () => {
  const { demo, ended, leftovers } = startDemo();
  await hasSaid(demo, 'service pulse start');
  // A terminal sends it to the whole group.
  process.kill(-(demo.pid ?? 0), 'SIGINT');
  const [code, signal] = await ended;
  expect(code === 130 || signal === 'SIGINT').toBe(true);
  expect(leftovers()).toEqual([]);
});

test('an option that does not exist is refused with 2', () => {
  expect(spawnSync('scripts/demo', ['--network', 'carrier-pigeon']).status).toBe(2);
});
