import { expect, test } from '@jest/globals';
import type { Ending, Outcome } from '@piranha/domain';
import { failure, seconds, success } from '@piranha/domain';
import type { DescriptorLimit } from '@piranha/libc';
import { descriptorLimits } from '@piranha/libc';
import { startChild } from './child.ts';
import { raiseDescriptorLimit } from './descriptors.ts';
import { runCommand } from './run-command.ts';
import { startReadyCommand } from './ready-command.ts';

/** Limits of a process that may raise the hard one to `mayRaiseTo`. */
function fakeLimits(start: DescriptorLimit, mayRaiseTo = Infinity) {
  let now = start;
  const set = (wish: DescriptorLimit): Outcome<void, string> => {
    if (wish.hard > now.hard && wish.hard > mayRaiseTo) return failure('Operation not permitted');
    now = wish;
    return success(undefined);
  };
  return { read: () => success(now), set, now: () => now };
}

test('the limit is raised beyond the hard one where that is allowed, else up to it', () => {
  const root = fakeLimits({ soft: 1024, hard: 4096 });
  expect(raiseDescriptorLimit(root)).toBe(65_536);
  expect(root.now()).toEqual({ soft: 65_536, hard: 65_536 });
  const bounded = fakeLimits({ soft: 1024, hard: 4096 }, 4096);
  expect(raiseDescriptorLimit(bounded)).toBe(4096);
  expect(bounded.now()).toEqual({ soft: 4096, hard: 4096 });
});

test('a limit that is high enough is left as it is', () => {
  const high = fakeLimits({ soft: 524_288, hard: 524_288 }, 0);
  expect(raiseDescriptorLimit(high)).toBe(524_288);
  expect(high.now()).toEqual({ soft: 524_288, hard: 524_288 });
});

/** Does it while this process may open no more files than it has open. */
function withoutDescriptors<T>(act: () => T): T {
  const limits = descriptorLimits();
  const before = limits.read();
  if (!before.ok) throw new Error(before.error);
  // The first three are taken.
  limits.set({ ...before.value, soft: 3 });
  try {
    return act();
  } finally {
    limits.set(before.value);
  }
}

const tooMany = /could not be started: spawn true EMFILE: too many open files/;

test('with no descriptor left a child that cannot be started is an ending like any other', async () => {
  const ending = await new Promise<Ending>((resolve) => {
    const child = withoutDescriptors(() =>
      startChild({ file: 'true', args: [], onLine: () => undefined, onErrorLine: () => undefined, onEnd: resolve }),
    );
    child.send('harmless\n');
    child.signal('SIGTERM');
  });
  expect(ending).toEqual({ type: 'not-started', cause: 'spawn true EMFILE: too many open files' });
});

test('with no descriptor left a command fails in words, one that was to wait, too', async () => {
  const command = { file: 'true', args: [], limit: seconds(20) };
  const ran = await withoutDescriptors(() => runCommand(command));
  expect(ran.ok ? '' : ran.error.problem).toMatch(tooMany);
  const ready = withoutDescriptors(() => startReadyCommand('true', []));
  expect(ready.waits()).toBe(false);
  const used = await ready.run('input', seconds(20));
  expect(used.ok ? '' : used.error.problem).toMatch(tooMany);
});
