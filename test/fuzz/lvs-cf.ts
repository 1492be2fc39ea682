// Files of lvs.cf that something went wrong with. Reading one never throws and never takes long; every complaint is one
// line about a place in the file; and what is accepted can be run.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic, ParsedConfiguration } from '@piranha/config';
import { configurationFromText, formatDiagnostic, keysOf, loadText, parseConfiguration } from '@piranha/config';
import { parseIpAddress } from '@piranha/domain';
import { checksOf } from '@piranha/lvs/checks';
import { prepareProbe } from '@piranha/nanny/probe';
import type { Check, CheckOf } from '@piranha/protocol';
import { decodeNannyCommand, encodeLine, escapeProblem, noLine, splitLines } from '@piranha/protocol';
import { pulseSettings } from '@piranha/pulse/settings';
import type { Random } from '@piranha/testing';
import fc from 'fast-check';
import { anyTwoFiles } from '../lab/inside/pairs/any-file.ts';
import { textOf as textOfFile } from '../lab/inside/pairs/file.ts';
import { damaged } from './bytes.ts';
import type { Target } from './fuzz.ts';
import { fuzz, smallerBytes } from './fuzz.ts';

const folder = 'packages/config/fixtures/lvs.cf-cases';

/** The files that were tried on the original, and files as an administrator could have written them. */
const written: readonly string[] = [
  ...readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.cf'))
    .map((name) => readFileSync(join(folder, name), 'utf8')),
  ...fc.sample(anyTwoFiles, { seed: 1, numRuns: 100 }).flatMap((files) => files.map(textOfFile)),
];

const keys = Object.values(keysOf).flatMap((table) => Object.keys(table));

const values = [
  ...['0', '1', '2', '-1', '+5', '010', '0x1F', '1e3', '0.1', '.5', '1.', '00000000000000000001', 'NaN', 'Infinity'],
  ...['65535', '65536', '86400', '2147483647', '2147483648', '4294967295', '4294967296', '99999999999999999999'],
  ...['1e308', '1e309', '-0', '9'.repeat(400), '', '""', '" "', "''", '"', '"a', 'a"', '{', '}', '=', '# c', '\\'],
  ...[
    '10.0.0.1',
    '10.0.0.300',
    '010.0.0.1',
    '10.0.0',
    '::',
    '::1',
    'fd00::1 eth0:1',
    '::ffff:10.0.0.1',
    'fe80::1%eth0',
  ],
  ...['10.0.0.1 eth0:1', '10.0.0.1 eth0:toolonganame', '10.0.0.1 eth0:1 x', 'host.example', 'a..b', '-a', '$(reboot)'],
  ...['255.255.255.0', '255.0.255.0', '0.0.0.0', '24', '64', '129', 'wlc', 'WLC', 'sh', 'mh', 'sh-port mh-port'],
  ...['"sh-port, flag-1"', 'nat', 'direct', 'tunnel', 'tcp', 'udp', 'http', 'on', 'off', 'lvs', 'fos', 'require'],
  ...[
    '/bin/true %h %p',
    '"/bin/x \'a b\'"',
    '/etc/lvs.key',
    'relative',
    '"GET / HTTP/1.0\\r\\n\\r\\n"',
    '"\\',
    '(a+)+$',
  ],
  ...['__proto__', 'constructor', 'toString', '\u00e9\u0301', '\u202e', '\u{1F600}'],
] as const;

const pick = <T>(random: Random, list: readonly T[]): T => {
  const found = list[random.whole(0, list.length - 1)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
};

const entry = (random: Random): string => `${pick(random, keys)} = ${pick(random, values)}`;

type Edit = (lines: string[], random: Random) => void;

const anyLine = (lines: readonly string[], random: Random): number => random.whole(0, Math.max(0, lines.length - 1));

const blocks = [
  'virtual a {',
  'virtual {',
  'server b {',
  'failover c {',
  'x {',
  'virtual a',
  '{',
  '}',
  '} x',
  'server s { }',
];

/** What people, editors and scripts do to lines. */
const edits: readonly [Edit, ...Edit[]] = [
  (lines, random) => lines.splice(anyLine(lines, random), 1),
  (lines, random) => lines.splice(anyLine(lines, random), 0, lines[anyLine(lines, random)] ?? ''),
  (lines, random) =>
    lines.splice(anyLine(lines, random), 0, ...lines.splice(anyLine(lines, random), random.whole(1, 6))),
  (lines, random) =>
    lines.splice(anyLine(lines, random), 0, ...Array.from({ length: random.whole(1, 3) }, () => entry(random))),
  (lines, random) => lines.splice(anyLine(lines, random), 0, pick(random, blocks)),
  (lines, random) => {
    const at = anyLine(lines, random);
    lines[at] = (lines[at] ?? '').replace(/=.*/, `= ${pick(random, values)}`);
  },
  (lines, random) => {
    const at = anyLine(lines, random);
    lines[at] = (lines[at] ?? '').replace(/\d+/, () => pick(random, values));
  },
  (lines, random) => {
    const other = pick(random, written).split('\n');
    lines.splice(anyLine(lines, random), 0, ...other.slice(0, random.whole(1, other.length)));
  },
];

/** Pieces of texts of checks, and of the regular expressions among them. */
const pieces = [
  ...[
    '\\\\',
    '\\r',
    '\\n',
    '\\t',
    "\\'",
    '\\"',
    '\\x00',
    '\\xff',
    '\\x4',
    '\\q',
    '\\d',
    '\\.',
    '\\',
    '\\1',
    '\\b',
    '\\<',
    '\\x{41}',
  ],
  ...[
    'GET / HTTP/1.0',
    '200',
    '220 ',
    'OK',
    'ü',
    '\u{1F600}',
    ' ',
    '*',
    '.',
    '+',
    '?',
    '^',
    '$',
    '|',
    '(',
    ')',
    '(?:',
    '(?i)',
    '(?!',
  ],
  ...[
    '[',
    ']',
    '[^',
    '[:digit:]',
    '[[:alpha:]]',
    'a-z',
    'z-a',
    '{2}',
    '{,5}',
    '{1001}',
    '{',
    '}',
    '{1000}',
    '\\pN',
    '\\Q',
    '\\E',
  ],
  ...['|', '>', '&&', '`', '/bin/true', './x', '%h', '%p', '#', ';', '='],
] as const;

/** Those of which most texts are good ones. */
const goodPieces = [
  ...[
    '\\\\',
    '\\r\\n',
    '\\t',
    "\\'",
    '\\x00',
    '\\xff',
    'GET / HTTP/1.0',
    '200',
    '220 ',
    'OK',
    '.',
    '[0-9]+',
    '(a|b)',
    '^',
    'x*',
  ],
  ...['a{2}', '[[:alpha:]]', '\\x7e', 'ready?', '%h', '%p'],
] as const;

const textOf = (random: Random): string => {
  const from = random.chance(0.7) ? goodPieces : pieces;
  return Array.from({ length: random.whole(0, 6) }, () => pick<string>(random, from)).join('');
};

const checkLines: readonly ((random: Random) => string)[] = [
  (random) => `send = "${textOf(random)}"`,
  (random) => `expect = "${textOf(random)}"`,
  (random) => `expect = x${textOf(random)}`,
  (random) => `use_regex = ${random.whole(0, 1)}`,
  () => 'use_regex = 1',
  (random) =>
    `send_program = "${pick(random, ['/bin/true', '/bin/true', 'check', 'check', './check', ''])} ${textOf(random)}"`,
  (random) => `load_monitor = "${pick(random, ['uptime', 'ruptime', 'none', 'rup', '/x'])}${textOf(random)}"`,
  (random) => `timeout = ${pick(random, ['0.02', '1', '3', '86400', '0'])}`,
  (random) => `port = ${pick(random, ['80', '443', '8080', 'http', '0'])}`,
];

/** The checks of services. */
function editChecks(lines: string[], random: Random): void {
  const blocks = lines.flatMap((line, index) => (/^\s*virtual\b/.test(line) ? [index] : []));
  for (const at of blocks.toReversed()) {
    const added = Array.from({ length: random.whole(1, 4) }, () => pick(random, checkLines)(random));
    lines.splice(at + 1, 0, ...added);
  }
}

/** Much of something: each takes long to read, and so they are rare. */
const heaps: readonly [Edit, ...Edit[]] = [
  (lines, random) => lines.splice(anyLine(lines, random), 0, ...heap(random, () => pick(random, blocks))),
  (lines, random) => lines.splice(anyLine(lines, random), 0, ...heap(random, () => 'x {')),
  (lines, random) => lines.splice(anyLine(lines, random), 0, ...heap(random, () => entry(random))),
  (lines, random) => lines.splice(anyLine(lines, random), 0, ...manyServers(random.whole(1, 500))),
  (lines, random) => lines.push(...manyServices(random.whole(1, 200))),
  (lines, random) => {
    const at = anyLine(lines, random);
    const word = pick(random, ['x', '"', "'", ' "', '\\', '{', ' a', '=', '#', '\u{1F600}', '9', '-']);
    lines[at] = `${lines[at] ?? ''}${word.repeat(random.whole(1000, 30_000))}`;
  },
];

const heap = (random: Random, line: () => string): string[] => Array.from({ length: random.whole(100, 1000) }, line);

const manyServers = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => [
    `server s${index} {`,
    'active = 1',
    `address = 10.9.${index >> 8}.${index & 255}`,
    '}',
  ]).flat();

const manyServices = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => [
    `virtual v${index} {`,
    'active = 1',
    `address = 10.8.${index >> 8}.${index & 255} eth0:${index % 500}`,
    'port = 80',
    ...manyServers(2),
    '}',
  ]).flat();

function make(random: Random): Buffer {
  const lines = pick(random, written).split('\n');
  if (random.chance(0.6)) editChecks(lines, random);
  // Nothing else is wrong with many: what is accepted has to be run.
  if (random.chance(0.5)) return Buffer.from(lines.join('\n'));
  for (let left = Math.max(0, random.whole(-4, 5)); left > 0; left -= 1) random.pick(edits)(lines, random);
  if (random.chance(0.002)) random.pick(heaps)(lines, random);
  const bytes = Buffer.from(lines.join(random.chance(0.05) ? '\r\n' : '\n'));
  return random.chance(0.4) ? damaged(bytes, random) : bytes;
}

/** As a file is read: what is no UTF-8 becomes U+FFFD. */
async function judge(bytes: Buffer): Promise<string | undefined> {
  const text = bytes.toString('utf8');
  const parsed = parseConfiguration(text);
  const refused = parsed.diagnostics.some(({ severity }) => severity === 'error');
  if (refused !== (parsed.configuration === undefined)) return 'refused without an error, or accepted with one';
  const problem = complaintAbout(text, parsed.diagnostics) ?? (refused ? undefined : problemInUse(text, parsed));
  return problem ?? (await problemWhenAccepted(text));
}

/** What `lvsctl check` and pulse accept, lvs takes, and each check of it a nanny. */
async function problemWhenAccepted(text: string): Promise<string | undefined> {
  const loaded = await loadText('lvs.cf', text, { lookup: () => Promise.resolve(found ?? undefined), services: '' });
  if (!loaded.ok) return complaintAbout(text, loaded.error);
  const { path, text: handed, names, digest } = loaded.value;
  const ofLvs = configurationFromText(path, handed, names, '');
  if (!ofLvs.ok) return `lvs refuses it: ${ofLvs.error[0]?.message ?? ''}`;
  if (ofLvs.value.digest !== digest) return 'lvs reads another file than pulse';
  for (const [server, { check }] of checksOf(ofLvs.value.configuration)) {
    const problem = await problemOfCheck(server, check);
    if (problem !== undefined) return `${problem}: ${JSON.stringify(check)}`;
  }
  return complaintAbout(text, loaded.value.warnings);
}

async function problemOfCheck(server: string, check: Check): Promise<string | undefined> {
  const line = encodeLine({ type: 'watch', watch: server, check, known: 'unknown' });
  if (splitLines(noLine, line).dropped > 0) return 'the line to the nanny is too long';
  const command = decodeNannyCommand(line.trim());
  if (!command.ok || command.value.type !== 'watch') return 'a nanny does not understand its command';
  const probe = await prepareProbe(command.value.check);
  if (!probe.ok) return `a nanny refuses it: ${probe.error}`;
  const texts = check.kind === 'connect' ? [] : textsOf(check);
  if (texts.some((each) => escapeProblem(each ?? '') !== undefined)) return 'a nanny keeps an unknown escape';
  return canBeRun(check.kind === 'program' ? check.program : null) && canBeRun(check.load?.program)
    ? undefined
    : 'no kernel runs such a program';
}

const textsOf = (check: CheckOf<'dialogue' | 'program'>): readonly (string | null)[] => [
  check.kind === 'dialogue' ? check.send : null,
  check.useRegex ? null : check.expect,
];

/** As execve(2) has it. */
const canBeRun = (words: readonly string[] | null | undefined): boolean =>
  words == null ||
  (words[0] !== '' && words.every((word) => !word.includes('\0') && Buffer.byteLength(word) < 128 * 1024));

/** Each stands for one place of the text, and on one line of a log. */
function complaintAbout(text: string, diagnostics: readonly Diagnostic[]): string | undefined {
  if (diagnostics.length === 0) return undefined;
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (const each of diagnostics) {
    const shown = formatDiagnostic('lvs.cf', each);
    const source = lines[each.line - 1];
    const nowhere = each.line === 0 ? each.column !== 0 : source === undefined || each.column < 1;
    if (nowhere || (source !== undefined && each.column > Array.from(source).length + 1))
      return `no such place: ${shown}`;
    // eslint-disable-next-line no-control-regex -- they are looked for
    if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(shown)) return `control characters in ${JSON.stringify(shown)}`;
    if (shown.length > 1000) return `a complaint of ${shown.length} characters: ${shown.slice(0, 200)}`;
  }
  return undefined;
}

const found = parseIpAddress('10.7.7.7') ?? null;

/** A file without a mistake with which pulse has nothing to do, or cannot do it. */
const keepsFromStarting = ({ severity, code }: Diagnostic): boolean =>
  severity === 'error' && (code === 'not-in-effect' || code === 'no-active-service');

/** Whatever its names stand for, the daemons can take it, and know it again. */
function problemInUse(text: string, { hosts }: ParsedConfiguration): string | undefined {
  const names = Object.fromEntries(hosts.map(({ name }) => [name, found]));
  const loaded = configurationFromText('lvs.cf', text, names);
  // Two services may turn out to be one.
  if (!loaded.ok) {
    const unexplained = hosts.length === 0 && !loaded.error.some(keepsFromStarting);
    return unexplained ? 'accepted, and refused when it was loaded' : complaintAbout(text, loaded.error);
  }
  const again = configurationFromText('lvs.cf', text, names);
  if (!again.ok || again.value.digest !== loaded.value.digest) return 'two readings of one text differ';
  if (!/^[0-9a-f]{16}$/.test(loaded.value.digest)) return `the digest is ${loaded.value.digest}`;
  const { keepalive, deadtime, channels } = pulseSettings(loaded.value, 'primary');
  const usable = keepalive > 0 && Number.isFinite(deadtime) && (keepalive < deadtime || channels.length === 0);
  return usable ? undefined : `keepalive ${keepalive} ms, deadtime ${deadtime} ms`;
}

const target: Target<Buffer> = {
  ...{ name: 'lvs.cf', make, judge, smaller: smallerBytes, mostMs: 1000 },
  show: (bytes) => JSON.stringify(bytes.toString('latin1')),
};

/** Files by chance. */
export const run = fuzz(target);
