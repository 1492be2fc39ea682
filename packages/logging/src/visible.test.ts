import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { visible } from './visible.ts';

test.each([
  ['two\nlines', String.raw`two\nlines`],
  ['\u001b[31mred', String.raw`\x1b[31mred`],
  ['bell\u0007 nul\0', String.raw`bell\x07 nul\x00`],
  ['c1 \u009b31m', String.raw`c1 \x9b31m`],
  ['line\u2028separator', String.raw`line\u2028separator`],
  ['right \u202eot tfel', String.raw`right \u202eot tfel`],
  ['Grüße, 世界 🙂 \\d %n', 'Grüße, 世界 🙂 \\d %n'],
])('%j is shown as %j', (text, shown) => {
  expect(visible(text)).toBe(shown);
});

test('no text keeps a control character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(visible(text)).not.toMatch(/\p{Cc}/u);
    }),
  );
});
