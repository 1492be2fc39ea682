import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatDiagnostic, newReport, quoted } from './diagnostic.ts';
import { parseConfiguration } from './parse-configuration.ts';

test('hints are looked for only where they are shown: a file of mistakes alone is refused as fast as any other', () => {
  const report = newReport();
  const asked: number[] = [];
  for (let line = 3000; line > 0; line -= 1) {
    report.error({ line, column: 1 }, 'unknown-key', 'unknown key', () => {
      asked.push(line);
      return `hint ${line}`;
    });
  }
  const shown = report.diagnostics();
  expect(asked).toHaveLength(1000);
  expect(shown.slice(0, 1000).map(({ hint }) => hint)).toEqual(asked.map((line) => `hint ${line}`));
  expect(shown.at(-1)).toMatchObject({ code: 'too-many', message: '2000 more errors are not shown' });
});

const hidden = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

test('a complaint is one line that does nothing to a terminal, whatever stands in the file', () => {
  const word = fc.string({ unit: 'binary' }).map((text) => text.replaceAll(/[\n"]/g, ''));
  const line = fc.oneof(
    word,
    fc.tuple(word, word).map(([key, value]) => `${key} = "${value}"`),
    word.map((name) => `virtual "${name}" {\n active = 1\n protocol = ${name}\n server "${name}" {\n weight = 0\n}\n}`),
  );
  fc.assert(
    fc.property(fc.array(line), word, (lines, file) => {
      for (const each of parseConfiguration(lines.join('\n')).diagnostics) {
        expect(formatDiagnostic(file, each)).not.toMatch(hidden);
      }
      expect(quoted(file)).not.toMatch(hidden);
    }),
  );
});
