import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newReport } from './diagnostic.ts';
import type { Edit, Path } from './edit.ts';
import { editText, undoEdit } from './edit.ts';
import type { Block, Entry } from './parse.ts';
import { parse } from './parse.ts';

const edited = (text: string, edit: Edit): string => {
  const result = editText(text, edit);
  return result.ok ? result.value.text : `${result.error.line} ${result.error.code}`;
};

const web: Path = [{ kind: 'virtual', name: 'web' }];
const set = (at: Path, key: string, ...words: string[]): Edit => ({ do: 'set', at, key, words });

test.each<[string, string, Edit, string]>([
  ['CR LF and a comment stay', 'virtual web {\r\n port=80   # x\r\n}', set(web, 'port', '81'), 'virtual web {\r\n port=81   # x\r\n}'],
  ['the last of two counts', 'keepalive = 1\nkeepalive = 2', set([], 'keepalive', '3'), 'keepalive = 1\nkeepalive = 3'],
  ['a mark stays first', '\uFEFF# c', set([], 'keepalive', '3'), '\uFEFFkeepalive = 3\n# c'],
  ['a port stands above servers', 'virtual web {\nserver a {\n}\n}', set(web, 'port', '8'), 'virtual web {\n  port = 8\nserver a {\n}\n}'],
  ['both of two go', 'virtual web {\nport = 1\n#\nport = 2\n}', { do: 'unset', at: web, key: 'port' }, 'virtual web {\n#\n}'],
  ['comments above stay', '# c\nvirtual web {\n} x\n# d', { do: 'remove', at: web }, '# c\n# d'],
  ['no last line end', '# c', { do: 'add', at: [], kind: 'virtual', name: 'a b' }, '# c\nvirtual "a b" {\n}\n'],
  ['quoted name', 'virtual "web" { # x\n}', { do: 'rename', at: web, name: '{' }, 'virtual "{" { # x\n}'],
  ['a line end cannot be written', 'virtual web {\n}', set(web, 'send', 'a\nb'), '1 bad-text'],
  ['no such block', '', set(web, 'port', '1'), '0 unknown-block'],
  ['no such key', 'virtual web {\n}', set(web, 'ports', '1'), '1 unknown-key'],
  ['a block on one line', '\nvirtual web { }', set(web, 'port', '1'), '2 stray-text'],
])('%s', (_, before, edit, after) => {
  expect(edited(before, edit)).toBe(after);
}); // prettier-ignore

type Tree = {
  readonly name: string;
  readonly keys: Readonly<Record<string, readonly string[]>>;
  readonly blocks: readonly Tree[];
};

const keysIn = (entries: readonly Entry[]): Tree['keys'] =>
  Object.fromEntries(entries.map(({ key, values }) => [key.text, values.map(({ text }) => text)]));
const treeOf = ({ kind, name, entries, servers }: Block): Tree => ({
  name: `${kind ?? ''} ${name}`,
  keys: keysIn(entries),
  blocks: servers.map(treeOf),
});
function read(text: string): Tree {
  const { entries, blocks } = parse(text, newReport());
  return { name: '', keys: keysIn(entries), blocks: blocks.map(treeOf) };
}

const filler = fc.constantFrom('', '# note', '   ', '\t# } {', 'keepalive = 1 # c', '#😀');
const keyLine = fc.constantFrom('port = 80', ' port=81 # p', 'port', 'send "a b"  ', "expect = '😀' # x", 'active = 0');
const lines = fc.array(
  fc.oneof(
    filler.filter((line) => !line.startsWith('k')),
    keyLine,
  ),
  { maxLength: 4 },
);
const close = fc.constantFrom('}', '  } # end', '} x');
const server = fc
  .tuple(fc.constantFrom('s', '"s"', "'s t'"), lines, close)
  .map(([n, l, c]) => [` server ${n} {`, ...l, c]);
const virtual = fc
  .tuple(fc.constantFrom('web', '"web"', '"w b"'), lines, fc.array(server, { maxLength: 3 }), lines, close)
  .map(([n, above, servers, below, c]) => [`virtual ${n} { # v`, ...above, ...servers.flat(), ...below, c]);
const file = fc
  .tuple(fc.array(filler), fc.array(virtual, { minLength: 1, maxLength: 3 }), fc.array(filler), fc.constantFrom('\n', '\r\n', '\r'), fc.constantFrom('', '\uFEFF'), fc.boolean())
  .map(([top, blocks, bottom, eol, mark, last]) => mark + [...top, ...blocks.flat(), ...bottom].join(eol) + (last ? eol : '')); // prettier-ignore

const word = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('{', '}', '#', '=', 'a b', '"', '\\', `a" 'b`));

/** What an edit of the first virtual has to make of the file. */
function meant(tree: Tree, edit: Edit): Tree {
  const [first, ...others] = tree.blocks;
  if (first === undefined) return tree;
  const { port, ...keys } = first.keys;
  switch (edit.do) {
    case 'set':
      return { ...tree, blocks: [{ ...first, keys: { ...first.keys, [edit.key]: edit.words } }, ...others] };
    case 'unset':
      return { ...tree, blocks: [{ ...first, keys: port === undefined ? first.keys : keys }, ...others] };
    case 'add': {
      const added = { name: `server ${edit.name}`, keys: {}, blocks: [] };
      return { ...tree, blocks: [{ ...first, blocks: [...first.blocks, added] }, ...others] };
    }
    case 'remove':
      return { ...tree, blocks: others };
    case 'rename':
      return { ...tree, blocks: [{ ...first, name: `virtual ${edit.name}` }, ...others] };
  }
}

test('an edit changes what it is about and nothing else, and can be undone', () => {
  const make = fc.constantFrom(
    (at: Path, text: string): Edit => set(at, 'port', text),
    (at: Path, text: string): Edit => set(at, 'load_monitor', text, text),
    (at: Path): Edit => ({ do: 'unset', at, key: 'port' }),
    (at: Path, text: string): Edit => ({ do: 'add', at, kind: 'server', name: text }),
    (at: Path): Edit => ({ do: 'remove', at }),
    (at: Path, text: string): Edit => ({ do: 'rename', at, name: text }),
  );
  let done = 0;
  fc.assert(
    fc.property(file, word, make, (text, value, build) => {
      const name = parse(text, newReport()).blocks[0]?.name ?? '';
      const edit = build([{ kind: 'virtual', name }], value);
      const result = editText(text, edit);
      if (result.ok) done++;
      const found = result.ok ? [read(result.value.text), undoEdit(result.value)] : [result.error.code];
      expect(found).toEqual(result.ok ? [meant(read(text), edit), text] : ['bad-text']);
    }),
    { numRuns: 1000 },
  );
  expect(done).toBeGreaterThan(500);
});
