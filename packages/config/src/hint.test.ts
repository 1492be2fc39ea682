import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { editDistance, nearest } from './hint.ts';

test.each([
  ['keepalive', 'keepalive', 0],
  ['kepalive', 'keepalive', 1],
  ['keepailve', 'keepalive', 1],
  ['', 'abc', 3],
  ['ca', 'abc', 3],
])('%j is as far from %j as %i mistakes', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
});

test('distance is the same in both directions', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
    }),
  );
});

test('the nearest candidate is found whatever its case, and none for a word that is too different', () => {
  expect(nearest('DeadTmie', ['deadtime', 'keepalive'])).toBe('deadtime');
  expect(nearest('x', ['ops', 'send'])).toBeUndefined();
  expect(nearest('deadline12', ['deadtime'])).toBeUndefined();
});
