import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { systemClock } from '@piranha/runtime';
import { recordingLogger } from '@piranha/testing';
import type { LinkNews } from './link-news.ts';
import { linkNews } from './link-news.ts';

const open: LinkNews[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((news) => news.stop()));
});

/** News from a little Node program. */
function newsFrom(script: string, file = process.execPath) {
  const { log, lines } = recordingLogger();
  const heard = counter();
  const looks = counter();
  // The clock is read when the program is started and when it has ended.
  const clock = {
    now: () => {
      looks.add();
      return systemClock.now();
    },
  };
  const news = linkNews(clock, log, heard.add, { file, args: ['-e', script] });
  open.push(news);
  return { news, lines, heard: heard.reached, count: heard.count, tried: (times: number) => looks.reached(2 * times) };
}

/** Counts, and tells when it has come to a number. */
function counter() {
  let count = 0;
  const waiting: { readonly wanted: number; readonly resolve: () => void }[] = [];
  return {
    count: () => count,
    add: () => {
      count += 1;
      for (const { wanted, resolve } of waiting) if (wanted <= count) resolve();
    },
    reached: (wanted: number): Promise<void> =>
      new Promise((resolve) => {
        if (count >= wanted) resolve();
        else waiting.push({ wanted, resolve });
      }),
  };
}

const lives = 'setInterval(() => {}, 1000);';

test('each line is news, on standard error too', async () => {
  const { news, heard, count } = newsFrom(`console.log('eth0'); console.error('lost some'); ${lives}`);
  news.start();
  await heard(2);
  expect(count()).toBe(2);
});

test('a program that ends is started again, and that is logged once with what it complained of', async () => {
  const { news, heard, lines } = newsFrom(`console.error('no netlink'); process.exitCode = 3;`);
  news.start();
  await heard(3);
  expect(lines).toEqual([
    {
      level: 'warning',
      text: 'ip monitor exited with status 3; it is started again',
      fields: { complaint: 'no netlink' },
    },
  ]);
});

test('a second start changes nothing, and the program has ended when stop has', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'link-news-'));
  const file = join(folder, 'pid');
  const { news, heard, lines } = newsFrom(
    `require('node:fs').writeFileSync(${JSON.stringify(file)}, String(process.pid)); console.log('up'); ${lives}`,
  );
  news.start();
  await heard(1);
  const pid = Number(readFileSync(file, 'utf8'));
  rmSync(folder, { recursive: true });
  news.start();
  expect(process.kill(pid, 0)).toBe(true);
  await news.stop();
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(lines).toEqual([]);
});

test('stopped and started at once there is one program, and the end of the first is no news', async () => {
  const { news, heard, lines, count } = newsFrom(`console.log('up'); ${lives}`);
  news.start();
  await heard(1);
  const stopped = news.stop();
  news.start();
  await stopped;
  await heard(2);
  expect([count(), lines]).toEqual([2, []]);
});

test('a program that does not exist is tried again and again, and logged once', async () => {
  const { news, lines, tried } = newsFrom('', '/nonexistent/program');
  news.start();
  await tried(3);
  expect(lines.map(({ text }) => text)).toEqual([
    expect.stringMatching(/ip monitor could not be started: .*ENOENT.*; it is started again/),
  ]);
});
