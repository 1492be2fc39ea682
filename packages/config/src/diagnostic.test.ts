import { expect, test } from '@jest/globals';
import { newReport } from './diagnostic.ts';

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
