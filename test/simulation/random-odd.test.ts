import { test } from '@jest/globals';
import { expectKeptRules } from './random-share.ts';

test('pairs keep the rules under random faults (seeds that are odd)', () => {
  expectKeptRules(1);
}, 600_000);
