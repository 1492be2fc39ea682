import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { complained, failed, shown, shownAsJson, shownJson } from './result.ts';
import { columns } from './words.ts';

const hidden = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
const texts = fc.array(fc.string({ unit: 'binary' }), { minLength: 1 });

test('nothing that is printed does something to a terminal, whatever a name or a reason has in it', () => {
  fc.assert(
    fc.property(texts, (lines) => {
      const [first = ''] = lines;
      const results = [shown(lines), shownAsJson(lines), shownJson(JSON.stringify(lines)), failed(first)];
      const printed = [...results.map(({ output, complaint }) => output + complaint), complained(lines)];
      for (const text of printed) expect(text.replaceAll('\n', '')).not.toMatch(hidden);
      expect(shown(lines).output.split('\n')).toHaveLength(lines.length + 1);
      expect(JSON.parse(shownAsJson(lines).output)).toEqual(JSON.parse(JSON.stringify(lines)));
    }),
  );
});

test('columns stay aligned', () => {
  expect(
    columns([
      ['\u001b[2J', 'x'],
      ['a', 'y'],
    ]),
  ).toEqual([String.raw`\x1b[2J  x`, 'a        y']);
});
