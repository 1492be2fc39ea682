import { expect, test } from '@jest/globals';
import { milliseconds } from '@piranha/domain';
import type { LvsReport } from '@piranha/protocol';
import { makeLvsQuestions } from './lvs-questions.ts';

const report: LvsReport = {
  role: 'active',
  digest: 'd',
  table: { problem: null, failed: [], failedCount: 0, timeouts: null, retryInMs: null },
  troubles: [],
  ownAddresses: [],
  owned: [],
  virtualServers: [],
};

/** Reports of an lvs that a test speaks for; `sent` has the numbers of the questions. */
function reportsOf(limitMs = 5000) {
  const questions = makeLvsQuestions(milliseconds(limitMs));
  const sent: number[] = [];
  questions.onLvsStarted((line) => sent.push((JSON.parse(line) as { id: number }).id));
  const answer = (id: number): void => {
    questions.onAnswer({ type: 'report', id, ...report });
  };
  return { ...questions, sent, answer };
}

test('a question is sent and its answer handed back', async () => {
  const lvs = reportsOf();
  const asked = lvs.report();
  lvs.answer(1);
  expect(await asked).toEqual({ ok: true, value: report });
});

test('who asks meanwhile shares the question; the next one is asked anew', async () => {
  const lvs = reportsOf();
  const asked = [lvs.report(), lvs.report()];
  lvs.answer(1);
  expect((await Promise.all(asked)).map((each) => each.ok)).toEqual([true, true]);
  const again = lvs.report();
  lvs.answer(2);
  expect((await again).ok).toBe(true);
  expect(lvs.sent).toEqual([1, 2]);
});

test('orders are handed on one by one, each with its own answer', async () => {
  const lvs = reportsOf();
  const drain = { type: 'drain', virtual: 'web', server: 'one', timeoutMs: null } as const;
  const ordered = [lvs.order(drain), lvs.order({ ...drain, server: 'two' })];
  lvs.onAnswer({ type: 'server-ordered', id: 2, done: false, text: 'there is no two', unsaved: null });
  lvs.onAnswer({ type: 'server-ordered', id: 1, done: true, text: 'one is drained', unsaved: 'disk full' });
  expect(await Promise.all(ordered)).toEqual([
    { ok: true, value: { text: 'one is drained', unsaved: 'disk full' } },
    { ok: false, error: 'there is no two' },
  ]);
});

test('a hanging lvs keeps nobody waiting, and what it says too late is not taken for the next answer', async () => {
  const lvs = reportsOf(20);
  expect(await lvs.report()).toEqual({ ok: false, error: 'lvs has not answered within 20 ms' });
  const next = lvs.report();
  lvs.answer(1);
  expect(await next).toMatchObject({ ok: false });
});

test('without an lvs the reason is told at once, also to who is waiting when it ends', async () => {
  const lvs = reportsOf();
  const waiting = lvs.report();
  lvs.onLvsEnded();
  expect(await waiting).toEqual({ ok: false, error: 'lvs has ended' });
  expect(await lvs.report()).toEqual({ ok: false, error: 'lvs does not run' });
  expect(lvs.sent).toEqual([1]);
});
