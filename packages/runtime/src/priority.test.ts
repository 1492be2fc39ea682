import { expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { transformSync } from 'esbuild';

const run = promisify(execFile);

const { code } = transformSync(readFileSync(join(import.meta.dirname, 'priority.ts'), 'utf8'), {
  loader: 'ts',
  format: 'cjs',
});

/** What a process becomes that raises itself: the nice values of its threads, and its session's. */
async function raised(words: readonly string[], raise: 'raisePriority' | 'raiseSessionLikeParent') {
  const program = `${code}
    module.exports.${raise}();
    const { readdirSync, readFileSync } = require('node:fs');
    const { getPriority } = require('node:os');
    const threads = readdirSync('/proc/self/task').map((thread) => getPriority(Number(thread)));
    const session = readFileSync('/proc/self/autogroup', 'utf8').replace(/.* nice /, '');
    console.log(JSON.stringify({ threads: [...new Set(threads)], session: Number(session) }));`;
  const [file, ...args] = [...words, process.execPath, '-e', program];
  const { stdout } = await run(file, args);
  return JSON.parse(stdout) as unknown;
}

test('a daemon goes before all others, with each of its threads', async () => {
  expect(await raised(['setsid', '--wait'], 'raisePriority')).toEqual({ threads: [-20], session: -20 });
});

test('who shares the session of a terminal leaves it as it is', async () => {
  const session = Number(readFileSync('/proc/self/autogroup', 'utf8').replace(/.* nice /, ''));
  expect(await raised([], 'raisePriority')).toEqual({ threads: [-20], session });
});

test('a child in a session of its own goes with its parent, if that was raised', async () => {
  expect(await raised(['setsid', '--wait', 'nice', '-n', '-20'], 'raiseSessionLikeParent')).toMatchObject({
    session: -20,
  });
  expect(await raised(['setsid', '--wait'], 'raiseSessionLikeParent')).toMatchObject({ session: 0 });
});
