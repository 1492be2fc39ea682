import { expect, test } from '@jest/globals';
import type { Ending } from '@piranha/domain';
import { describeEnding } from '@piranha/domain';
import type { Child } from './child.ts';
import { startChild } from './child.ts';

/** Starts a little Node program; its lines and its ending are collected. */
function child(script: string, file = process.execPath) {
  const lines: string[] = [];
  const errorLines: string[] = [];
  const waiting: { readonly line: string; readonly resolve: () => void }[] = [];
  let running: Child | undefined;
  const ended = new Promise<Ending>((resolve) => {
    running = startChild({
      file,
      args: ['-e', script],
      onLine: (line) => {
        lines.push(line);
        for (const each of waiting.filter((one) => one.line === line)) each.resolve();
      },
      onErrorLine: (line) => errorLines.push(line),
      onEnd: resolve,
    });
  });
  if (running === undefined) throw new Error('startChild did not return');
  const said = (line: string): Promise<void> =>
    new Promise((resolve) => {
      if (lines.includes(line)) resolve();
      else waiting.push({ line, resolve });
    });
  return { running, lines, errorLines, ended, said };
}

test('lines come in, lines go out, and the end of input ends the child', async () => {
  const { running, lines, ended, said } = child(
    `process.stdin.on('data', (d) => console.log('got ' + d.toString().trim())); console.log('up');`,
  );
  await said('up');
  running.send('hello\n');
  await said('got hello');
  await running.stop(5000);
  expect(await ended).toEqual({ type: 'killed', signal: 'SIGTERM' });
  expect(lines).toEqual(['up', 'got hello']);
});

test('a child that ends tells its status after all it has written', async () => {
  const { ended, lines, errorLines } = child(`console.log('out'); console.error('err'); process.exitCode = 3;`);
  expect(await ended).toEqual({ type: 'exited', code: 3 });
  expect([lines, errorLines]).toEqual([['out'], ['err']]);
});

test('a child that is deaf to SIGTERM is killed when its grace is over', async () => {
  const { running, said } = child(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('deaf');`);
  await said('deaf');
  expect(await running.stop(50)).toEqual({ type: 'killed', signal: 'SIGKILL' });
});

test('a program that does not exist is an ending like any other', async () => {
  const { running, ended } = child('', '/nonexistent/program');
  running.send('x\n');
  const ending = await ended;
  expect(describeEnding(ending)).toMatch(/could not be started: .*ENOENT/);
});

test('writing to a child that has ended is harmless', async () => {
  const { running, ended } = child('');
  await ended;
  running.send('too late\n');
  expect(await running.stop(10)).toEqual({ type: 'exited', code: 0 });
});

test('a child has ended though a process that it has left behind keeps its output open', async () => {
  const { lines, ended } = child(
    `const { spawn } = require('node:child_process');
    const left = spawn('sleep', ['60'], { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
    console.log(left.pid); process.kill(process.pid, 'SIGKILL');`,
  );
  expect(await ended).toEqual({ type: 'killed', signal: 'SIGKILL' });
  process.kill(Number(lines[0]), 'SIGKILL');
});
