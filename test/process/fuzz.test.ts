// A few cases of the targets of scripts/fuzz that try real programs.
import { expect, jest, test } from '@jest/globals';
import { run as flood } from '../fuzz/flood.ts';
import { run as serverAnswers } from '../fuzz/server-answers.ts';

jest.setTimeout(240_000);

test('a nanny makes its verdicts whatever servers answer, and stays as it is', async () => {
  expect(await serverAnswers(150, 1)).toMatchObject({ cases: 150, failure: undefined });
});

test('a pulse under a flood keeps its role, sends its heartbeats and ends when it is told to', async () => {
  expect(await flood(60_000, 1)).toMatchObject({ failure: undefined });
});
