// Names and texts of lvs.cf that would do something to a terminal: every command shows them and does not obey them.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { afterAll, expect, jest, test } from '@jest/globals';
import { folderWithFile } from '../lvs-cf.ts';

jest.setTimeout(120_000);

const { folder, file } = await folderWithFile('names');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Clears the screen, sets the title, the same by one character (C1), turns text around, ends a line. */
const evil = '\u001b[2J\u001b]0;title\u0007\u009b2J\u202eevil\u2028x\u007f';

const good = `primary = 127.0.0.1
ipvsadm = /bin/true
check_user = root
virtual "web${evil}" {
  active = 1
  address = 192.0.2.100 lo:1
  port = 80
  load_monitor = "/no/such${evil}"
  server "one${evil}" {
    address = 192.0.2.11
    active = 1
    weight = 0
  }
}
`;
const bad = `${good}key${evil} = 1\nkeepalive = "${evil}"\nbackup = ${evil}\n`;

const hidden = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

const own = ['--lvsd', '/bin/true', '--send-arp', '/bin/true'];
const commands: readonly (readonly [program: string, ...args: string[]])[] = [
  ['lvsctl', 'check'],
  ['lvsctl', 'check', '--json'],
  ['lvsctl', 'check', '--system'],
  ['lvsctl', 'plan', '--socket', '/no/such/socket'],
  ['lvsctl', 'plan', '--json', '--socket', '/no/such/socket'],
  ['pulse', '-t', ...own, '-c'],
  ['lvs', '-t', '-c'],
];

test.each(
  commands.flatMap((command) => [good, bad].map((text) => [command.join(' '), text === good, command, text] as const)),
)('%s, of a file without mistakes: %s', (_, isGood, [program, ...args], text) => {
  const { stdout, stderr } = spawnSync(process.execPath, [`build/lib/${program}.cjs`, ...args, file(text)], {
    ...{ encoding: 'utf8', timeout: 60_000 },
  });
  const printed = stdout + stderr;
  expect(printed.replaceAll('\n', '')).not.toMatch(hidden);
  expect(printed).not.toBe('');
  // The name is there, as it can be seen.
  expect(isGood || /\\(?:\\)?(?:x1b|u001b)/.test(printed)).toBe(true);
});
