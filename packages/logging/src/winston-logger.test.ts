import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { UnixReceiver } from '@piranha/libc/unix-receiver';
import { unixReceiver } from '@piranha/libc/unix-receiver';
import type { CloseableLogger } from './winston-logger.ts';
import { syslogLogger, terminalLogger } from './winston-logger.ts';

/** A stream that keeps what is written to it. */
const written = (): { readonly stream: Writable; readonly text: () => string } => {
  let text = '';
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => {
      text += chunk;
      done();
    },
  });
  return { stream, text: () => text };
};

describe('on the terminal', () => {
  test('a line has the name of the program, the text and the facts', async () => {
    const { stream, text } = written();
    const log = terminalLogger('pulse', { verbose: false, stream });
    log.notice('running command', { command: 'ip -force', pid: 7 });
    log.error('100% %s %n', { message: '%d' });
    await log.close();
    expect(text()).toBe('pulse: running command command="ip -force" pid=7\npulse: 100% %s %n message=%d\n');
  });

  test.each([
    [false, 'nanny: 1\nnanny: 2\nnanny: 3\nnanny: 4\n'],
    [true, 'nanny: 1\nnanny: 2\nnanny: 3\nnanny: 4\nnanny: 5\n'],
  ])('debug lines are written only with verbose (%s)', async (verbose, expected) => {
    const { stream, text } = written();
    const log = terminalLogger('nanny', { verbose, stream });
    log.error('1');
    log.warning('2');
    log.notice('3');
    log.info('4');
    log.debug('5');
    await log.close();
    expect(text()).toBe(expected);
  });

  test('text from outside cannot make a second line', async () => {
    const { stream, text } = written();
    const log = terminalLogger('lvs', { verbose: false, stream });
    log.info('answer\nlvs: all is well\u001b[2J');
    await log.close();
    expect(text()).toBe(String.raw`lvs: answer\nlvs: all is well\x1b[2J` + '\n');
  });

  test('a terminal that is gone ends the lines, not the process', async () => {
    const stream = new Writable({
      write: (_chunk, _encoding, done) => {
        done(new Error('EPIPE'));
      },
    });
    const log = terminalLogger('pulse', { verbose: false, stream });
    log.info('one');
    log.info('two');
    await expect(log.close()).resolves.toBeUndefined();
  });

  test('after closing nothing is written', async () => {
    const { stream, text } = written();
    const log = terminalLogger('pulse', { verbose: false, stream });
    await log.close();
    log.error('late');
    await log.close();
    expect(text()).toBe('');
  });
});

describe('in the system log', () => {
  let folder: string;
  let devLog: string;
  let receiver: UnixReceiver;
  let log: CloseableLogger;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dev-log-'));
    devLog = join(folder, 'log');
    receiver = unixReceiver(devLog);
    log = syslogLogger('pulse', { verbose: false, devLog });
  });

  afterEach(async () => {
    await log.close();
    receiver.close();
    rmSync(folder, { recursive: true });
  });

  const received = (): string[] => receiver.receiveAll().map((line) => line.replace(/^(<\d+>).{15} /, '$1'));

  test('a line has priority, time, ident and process id', () => {
    log.warning('partner silent', { silentMs: 18_000 });
    const [line] = receiver.receiveAll();
    expect(line).toMatch(
      /^<28>(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d pulse\[\d+\]: /,
    );
    expect(line).toMatch(new RegExp(`pulse\\[${process.pid}\\]: partner silent silentMs=18000$`));
  });

  test('a line is there as soon as the call returns', () => {
    log.error('the last words');
    expect(received()).toEqual([`<27>pulse[${process.pid}]: the last words`]);
  });

  test('debug lines stay out unless verbose', () => {
    log.debug('heartbeat sent');
    expect(received()).toEqual([]);
  });

  test('a line is bounded and is one line', () => {
    log.info(`first\n${'ü'.repeat(5000)}`, { more: 'x'.repeat(5000) });
    const [line = '', ...others] = received();
    expect(others).toEqual([]);
    expect(line).toContain(String.raw`first\nüü`);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(2000);
  });

  test('a log that is not read costs no time, and says later how many lines were lost', async () => {
    const lines = 10_000;
    const perTurn = 20;
    let ticks = 0;
    let slowestMs = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 10);
    const begun = performance.now();
    for (let count = 1; count <= lines; count += 1) {
      const before = performance.now();
      log.info('a line', { count });
      slowestMs = Math.max(slowestMs, performance.now() - before);
      if (count % perTurn === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const tookMs = performance.now() - begun;
    clearInterval(timer);

    expect(slowestMs).toBeLessThan(1000);
    expect(tookMs).toBeLessThan(10_000);
    // Every turn lets the timer in, however slow the machine is.
    expect(ticks).toBeGreaterThanOrEqual(Math.floor(tookMs / 10 / 10));

    const kept = received().length;
    expect(kept).toBeGreaterThan(0);
    log.info('room again');
    const ours = `pulse[${process.pid}]`;
    expect(received()).toEqual([`<28>${ours}: log lines were lost count=${lines - kept}`, `<30>${ours}: room again`]);
  });

  test('lost lines are told at the end when nothing else was logged', async () => {
    for (let count = 0; count < 10_000; count += 1) log.info('a line');
    const kept = receiver.receiveAll().length;
    await log.close();
    expect(received()).toEqual([`<28>pulse[${process.pid}]: log lines were lost count=${10_000 - kept}`]);
  });
});
