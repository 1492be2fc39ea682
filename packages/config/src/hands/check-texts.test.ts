import { expect, test } from '@jest/globals';
import { formatDiagnostic } from '../diagnostic.ts';
import { loadText } from './load.ts';

const one = 'server one {\nactive = 1\naddress = 10.2.0.11\n}\n';
/** A service with these lines, from line 4 on. */
const web = (lines: string, active = 1): string =>
  `virtual web {\nactive = ${active}\naddress = 10.1.0.100 eth0:1\n${lines}\n${one}}\n`;
const other = `virtual other {\nactive = 1\naddress = 10.1.0.101 eth0:1\n${one}}\n`;

/** What is wrong with a file, errors or warnings. */
async function complaints(text: string): Promise<readonly string[]> {
  const loaded = await loadText('f', text, { services: '' });
  return (loaded.ok ? loaded.value.warnings : loaded.error).map((each) => formatDiagnostic('f', each));
}

test.each([
  [String.raw`send = "GET \q"`, '4:13', String.raw`send: unknown escape \q`],
  [String.raw`send = 'é💡\x4'`, '4:11', String.raw`send: \x needs two hexadecimal digits`],
  [String.raw`expect = a\d`, '4:11', String.raw`expect: unknown escape \d`],
  ['expect = "220\\"', '4:14', 'expect: a backslash at the end of the text stands for nothing'],
])('%s is refused at %s', async (line, place, problem) => {
  const known = String.raw`known are \\ \r \n \t \' \" and \xHH; a backslash itself is \\`;
  expect(await complaints(web(line))).toEqual([`f:${place}: error: ${problem} (${known})`]);
});

test.each(['[01', '200 (OK', '(?!x)', String.raw`(a)\1`, '+', String.raw`\q`, 'x{1001}', 'a'.repeat(1001)])(
  'the expression %s is refused, and both mistakes of a file are told',
  async (expression) => {
    const said = await complaints(web(`use_regex = 1\nexpect = "${expression}"\nsend = \\q`));
    expect(said).toEqual([
      expect.stringMatching(/^f:5:10: error: expect is not a valid regular expression: .+ \(use_regex = 1: see nanny/),
      expect.stringMatching(/^f:6:8: error: send: unknown escape/),
    ]);
  },
);

test.each([
  String.raw`expect = "^HTTP/1\.[01] 200"`,
  String.raw`expect = "\x00\d+"`,
  'expect = "*"',
  'expect = ""',
  'expect = "x"\nsend = "\\x00\\xff\\r\\n\\t\\\\"',
])('nothing is wrong with %s', async (line) => {
  expect(await complaints(web(`use_regex = 1\n${line}`))).toEqual([]);
});

test('in a block that is not active, or of failover services, it is a warning', async () => {
  const mistakes = 'use_regex = 1\nexpect = "("\nsend = "\\q"';
  expect(await complaints(other + web(mistakes, 0))).toEqual([
    expect.stringMatching(/^f:13:10: warning: expect is not a valid/),
    expect.stringMatching(/^f:14:9: warning: send: unknown escape/),
  ]);
  const failover = await complaints(`${other}failover f {\nactive = 1\nsend = "\\q"\n}\n`);
  expect(failover).toContainEqual(expect.stringMatching(/^f:11:9: warning: send: unknown escape/));
});

test('what is wrong with one expression is said wherever it stands', async () => {
  const again = other.replace('active = 1', 'active = 1\nuse_regex = 1\nexpect = "("');
  expect(await complaints(web('use_regex = 1\nexpect = "("') + again)).toHaveLength(2);
});

test('a text whose last line was refused is judged no more', async () => {
  expect(await complaints(web('expect = \\q\nexpect'))).toEqual([
    expect.stringContaining('f:5:1: error: = is expected after expect'),
    expect.stringContaining('f:5:1: warning: expect is given again'),
  ]);
});
