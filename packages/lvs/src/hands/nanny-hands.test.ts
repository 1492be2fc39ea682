import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { systemClock } from '@piranha/runtime';
import { recordingLogger } from '@piranha/testing';
import type { LvsEvent } from '../events.ts';
import { nannyHands } from './nanny-hands.ts';

const folder = mkdtempSync(join(tmpdir(), 'piranha-nanny-'));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  ['empty lines without end', "yes ''", 'again and again'],
  ['signs of life without end', `yes '{"type":"alive"}'`, 'lines a second'],
])('a nanny that says %s is killed and has ended', async (_, script, why) => {
  const nanny = join(folder, 'nanny');
  writeFileSync(nanny, `#!/bin/sh\n${script}\n`);
  chmodSync(nanny, 0o755);
  const { log, lines } = recordingLogger();
  const ended = new Promise<LvsEvent>((resolve) => {
    const hands = nannyHands({
      ...{ clock: systemClock, log, nannyLog: log, nanny },
      dispatch: (event) => {
        if (event.type === 'nanny-ended') resolve(event);
      },
    });
    hands.perform({ type: 'start-nanny', nanny: 1, user: undefined });
  });
  expect(await ended).toMatchObject({ nanny: 1, how: 'was killed by SIGKILL' });
  const told = lines.filter(({ level }) => level === 'error').map(({ text }) => text);
  expect(told).toEqual([expect.stringMatching(new RegExp(`^a nanny is out of order: .*${why}.*: killing it$`))]);
});
