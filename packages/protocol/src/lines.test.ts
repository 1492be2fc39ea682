import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { noLine, splitLines } from './lines.ts';

const readAll = (chunks: readonly string[], bound?: number) => {
  let rest = noLine;
  let dropped = 0;
  const lines: string[] = [];
  for (const chunk of chunks) {
    const split = splitLines(rest, chunk, bound);
    lines.push(...split.lines);
    dropped += split.dropped;
    rest = split.rest;
  }
  return { lines, dropped, rest };
};

test('lines come out whole wherever the stream was cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string().map((text) => text.replaceAll('\n', ' '))),
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1 }),
      (lines, sizes) => {
        const stream = lines.map((line) => `${line}\n`).join('');
        const chunks: string[] = [];
        let at = 0;
        while (at < stream.length) {
          const size = sizes[chunks.length % sizes.length] ?? 1;
          chunks.push(stream.slice(at, at + size));
          at += size;
        }
        expect(readAll(chunks)).toEqual({ lines, dropped: 0, rest: noLine });
      },
    ),
  );
});

test('a line over the bound is dropped whole and the next one is read', () => {
  expect(readAll(['abcd', 'efgh', 'ij\nok\n'], 6)).toEqual({ lines: ['ok'], dropped: 1, rest: noLine });
});

test('an endless line takes no memory', () => {
  expect(readAll(['abcd', 'efgh', 'ijkl'], 6).rest).toEqual({ text: '', overlong: true });
});
