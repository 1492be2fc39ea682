import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { visible, visibleJson, visibleLines } from './visible.ts';

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

const hidden = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

test('what is visible stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(visible(visible(text))).toBe(visible(text));
      expect(visible(text)).not.toMatch(hidden);
      expect(visibleLines(text).replaceAll('\n', '')).not.toMatch(hidden);
    }),
  );
});

test('JSON means what it meant, whatever stands in it', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (value) => {
      for (const space of [0, 2]) {
        const json = visibleJson(JSON.stringify(value, null, space));
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(json.replaceAll('\n', '')).not.toMatch(hidden);
      }
    }),
  );
});
