import { test } from '@jest/globals';
import { expectKeptRules } from './random-share.ts';

test('pairs keep the rules under random faults (seeds that are even)', () => {
  expectKeptRules(0);
}, 600_000);
