import { expect, test } from '@jest/globals';
import { commandKeys } from './check-commands.ts';
import { formatDiagnostic } from './diagnostic.ts';
import { parseConfiguration } from './parse-configuration.ts';

const one = 'server one {\nactive = 1\naddress = 10.2.0.11\n}\n';
const said = (text: string): readonly string[] =>
  parseConfiguration(text).diagnostics.map((each) => formatDiagnostic('f', each));
const inVirtual = (line: string, active = 1): string =>
  `virtual v {\nactive = ${active}\naddress = 10.1.0.100 eth0\n${line}\n${one}}`;

test('every command of the file is looked at', () => {
  expect(commandKeys('global')).toEqual(['rsh_command', 'active_cmd', 'inactive_cmd', 'notify_cmd']);
  expect(commandKeys('virtual')).toEqual(['send_program', 'load_monitor', 'start_cmd', 'stop_cmd']);
  for (const key of commandKeys('global')) {
    expect(said(`${key} = "/bin/a | /bin/b"`)).toContainEqual(expect.stringContaining(`${key}: there is no shell`));
  }
  for (const key of commandKeys('virtual')) {
    expect(said(inVirtual(`${key} = "/bin/a > b"`))).toContainEqual(expect.stringContaining('there is no shell'));
  }
});

test.each([
  ['a | b', '"|"'],
  ['a >/dev/null 2>&1', '">"'],
  ['a <b', '"<"'],
  ['a && b', '"&&"'],
  ['a; b', '";"'],
  ['a $HOME', '"$"'],
  ['a `b`', '"`"'],
  ["a 'b c'", '"\'"'],
  ['a &', '"&"'],
])('/x/%s: a warning that there is no shell', (command, sign) => {
  expect(said(inVirtual(`send_program = "/x/${command}"`))).toEqual([
    `f:4:16: warning: send_program: there is no shell: the program gets ${sign} as it is (put the command into a script and name the script)`,
  ]);
});

test('a double quotation mark, too', () => {
  expect(said(inVirtual(`send_program = '/x/a "b'`))).toEqual([
    expect.stringContaining(`the program gets '"' as it is`),
  ]);
});

test.each(['/x/check %h:%p --path /a?b=1&c=2 -x=y,z (a) [b] {c} * ~ # !', 'check %h'])(
  'nothing is said of %s',
  (command) => {
    expect(said(inVirtual(`send_program = "${command}"`))).toEqual([]);
  },
);

test('half a path means nothing; a warning where the block is not active', () => {
  expect(said(inVirtual('send_program = "./check %h"'))).toEqual([
    'f:4:16: error: send_program: "./check" depends on the folder that pulse is started in (write the path from /, or the name alone)',
  ]);
  expect(said(inVirtual('load_monitor = bin/load', 0))).toEqual([expect.stringMatching(/^f:4:16: warning: load_mon/)]);
});

test('a command that no kernel takes is refused', () => {
  expect(said(inVirtual(`send_program = "/x ${'a'.repeat(64 * 1024)}"`))).toEqual([
    expect.stringContaining('error: send_program: the command is too long to be run (65536 bytes at most)'),
  ]);
});
