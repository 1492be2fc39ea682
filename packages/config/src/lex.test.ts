import { expect, test } from '@jest/globals';
import { lexLine } from './lex.ts';

const words = (source: string): readonly string[] | undefined => {
  const line = lexLine(source, 1);
  return line?.unclosed === undefined ? line?.rest.map(({ text }) => text) : undefined;
};

test.each(['', '   \t', '# a comment', '\t # an indented one', '# latin-1: \uFFFD'])('%j says nothing', (source) => {
  expect(lexLine(source, 1)).toBeUndefined();
});

test.each(['port = 80', 'port=80', 'port =80', 'port= 80', '\tport\t=\t80\t', 'port = 80 # web', 'port=80 #web'])(
  '%j is the key port with the value 80',
  (source) => {
    expect(lexLine(source, 1)).toMatchObject({ first: { text: 'port' }, equals: true, rest: [{ text: '80' }] });
  },
);

test.each([
  ['the original read this too', 'send = "a b"', ['a b']],
  ['a blank inside and one behind', 'send = "a b" ', ['a b']],
  ['a blank behind', 'send = "ab" ', ['ab']],
  ['a comment behind', 'send = "ab" # x', ['ab']],
  ['a quote inside counts when a word goes on', 'send = "ab"cd"', ['ab"cd']],
  ['backslashes are kept', String.raw`send = "say\"hi\"now"`, [String.raw`say\"hi\"now`]],
  ['an escaped quote does not end a word', String.raw`send = "a \"b\" c"`, [String.raw`a \"b\" c`]],
  ['a backslash at the end of a word', String.raw`send = "C:\dir\"`, [String.raw`C:\dir\ `.trim()]],
  ['an unknown escape is kept', String.raw`expect = "^\d\.\u0041;x"`, [String.raw`^\d\.\u0041;x`]],
  ['comment signs and braces', 'send = "one # two { three }"', ['one # two { three }']],
  ['words of JSON', 'send = "true"', ['true']],
  ['empty', 'send = ""', ['']],
  ['single quotes', "send = 'single'", ['single']],
  ['the other quote inside', `send = 'x"y z'`, ['x"y z']],
  ['a word right behind a quoted one', 'virtual "two words"{', ['two words', '{']],
  ['a value may begin with #', 'expect = #1', ['#1']],
  ['= inside a value', 'ipvsadm=/a=b', ['/a=b']],
  ['a tab inside quotes', 'send = "a\tb"', ['a\tb']],
])('words: %s', (_why, source, expected) => {
  expect(words(source)).toEqual(expected);
});

test.each(['send = "', 'send = "abc', `send = "abc'`, 'send = "a"b'])('%j has a quote without end', (source) => {
  expect(lexLine(source, 7)?.unclosed).toEqual({ line: 7, column: 8 });
});

test('columns count characters: a tab is one, and so is an emoji', () => {
  expect(lexLine('\tsend = "\u{1F600}" x', 3)?.rest.map(({ column }) => column)).toEqual([9, 13]);
});

test('a NUL or a byte that is not UTF-8 has a place, even where a comment hides the NUL', () => {
  expect(lexLine('port = 8\uFFFD', 1)?.badByte).toEqual({ line: 1, column: 9 });
  expect(lexLine('port = 80 # \0', 1)?.badByte).toEqual({ line: 1, column: 13 });
  expect(lexLine('#\0', 1)?.badByte).toEqual({ line: 1, column: 2 });
});
