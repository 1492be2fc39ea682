import { expect, test } from '@jest/globals';
import { formatDiagnostic, newReport } from './diagnostic.ts';
import type { ParsedFile } from './parse.ts';
import { parse } from './parse.ts';

const read = (text: string): { readonly file: ParsedFile; readonly found: readonly string[] } => {
  const report = newReport();
  const file = parse(text, report);
  return { file, found: report.diagnostics().map((one) => formatDiagnostic('f', one)) };
};

const codes = (text: string): readonly string[] => {
  const report = newReport();
  parse(text, report);
  return report.diagnostics().map(({ line, code }) => `${line} ${code}`);
};

test.each(['\n', '\r\n', '\r'])('lines may end in %j', (end) => {
  const { file, found } = read(['a = 1', '', 'virtual v {', 'b = 2', '}'].join(end));
  expect(found).toEqual([]);
  expect(file.entries.map(({ key }) => key.line)).toEqual([1]);
  expect(file.blocks[0]?.entries.map(({ key }) => key.line)).toEqual([4]);
});

test('a byte order mark is passed over', () => {
  expect(read('\uFEFFport = 1').file.entries[0]?.key).toMatchObject({ text: 'port', column: 1 });
});

test('blocks hold entries and servers; equal names make separate blocks', () => {
  const { file } = read('virtual a {\nx = 1\nserver s {\ny = 2\n}\nz = 3\n}\nfailover a {\n}\nvirtual a {\n}\n');
  expect(file.blocks.map(({ kind, name }) => `${kind ?? ''} ${name}`)).toEqual([
    'virtual a',
    'failover a',
    'virtual a',
  ]);
  expect(file.blocks[0]?.entries.map(({ key }) => key.text)).toEqual(['x', 'z']);
  expect(file.blocks[0]?.servers.map(({ name }) => name)).toEqual(['s']);
});

test('what follows a closing brace is not read', () => {
  expect(read('virtual a {\n} nothing "here\n').file.blocks).toHaveLength(1);
});

test.each([
  ['virtual two words {\n}', '1 stray-text'],
  ['virtual {\n}', '1 missing-name'],
  ['virtual a\n{\n}', '1 missing-brace'],
  ['virtual a\nport = 1\n}', '1 missing-brace'],
  ['virtual a{\n}', '1 missing-brace'],
  ['virtual = a {\n}', '1 stray-text'],
  ['virtual a { port = 1 }', '1 stray-text'],
  ['virtual a { port = 1\n}', '1 stray-text'],
  ['virtual "a {\n}', '1 quote-mismatch'],
  ['virtaul a {\n}', '1 unknown-block'],
  ['zone a {\nserver b {\n}\n}', '1 unknown-block'],
  ['server a {\n}', '1 misplaced-block'],
  ['virtual a {\n};', '2 stray-text'],
  ['port = 1\n}', '2 stray-brace'],
  ['port = 1\n{', '2 stray-brace'],
  ['virtual a {', '1 unclosed-block'],
])('%j has one mistake, and nothing after it is taken for another', (text, code) => {
  expect(codes(text)).toEqual([code]);
});

test('a forgotten closing brace is noticed where the next block begins', () => {
  const { file, found } = read('virtual a {\nserver s {\nx = 1\nserver t {\n}\nvirtual b {\n}\n');
  expect(found).toEqual([
    'f:1:1: error: virtual block "a" is still open where line 6 begins a virtual block (a line with } is missing)',
    'f:2:1: error: server block "s" is still open where line 4 begins a server block (a line with } is missing)',
  ]);
  expect(file.blocks.map(({ name }) => name)).toEqual(['a', 'b']);
});
