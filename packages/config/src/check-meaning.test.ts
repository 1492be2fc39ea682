import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { formatDiagnostic } from './diagnostic.ts';
import { parseConfiguration } from './parse-configuration.ts';

const codes = (text: string): readonly string[] =>
  parseConfiguration(text).diagnostics.map(({ line, code, severity }) => `${line} ${severity} ${code}`);
const messages = (text: string): readonly string[] =>
  parseConfiguration(text).diagnostics.map((one) => formatDiagnostic('f', one));

const server = (...lines: readonly string[]): string =>
  ['server s {', 'active = 1', 'address = 10.2.0.11', ...lines, '}'].join('\n');
const block = (...lines: readonly string[]): string =>
  ['virtual v {', 'active = 1', 'address = 10.1.0.1 eth0:1', ...lines, '}', ''].join('\n');

test('an active service without an active server serves nobody, or the sorry server alone', () => {
  const idle = server().replace('active = 1', 'active = 0');
  expect(messages(block(idle))).toEqual([
    'f:1:1: warning: the active virtual block "v" has no active server: it serves nobody',
  ]);
  expect(messages(block('sorry_server = 10.2.0.99'))[0]).toMatch(/no active server: the sorry server alone serves$/);
  expect(codes(block(server()))).toEqual([]);
  expect(codes(block().replace('active = 1', 'active = 0'))).toEqual([]);
});

test('weight 0 is surely not meant', () => {
  expect(codes(block(server('weight = 0')))).toEqual(['7 warning zero-weight']);
  expect(codes(block(server('weight = 1')))).toEqual([]);
});

test.each([
  ['25', 'expect = "220"'],
  ['53', 'dig +tcp'],
  ['443', 'curl'],
  ['3306', 'mysqladmin'],
])('a check that only connects to port %s is warned of, and the hint is a real check', (port, hint) => {
  const plain = block(`port = ${port}`, server());
  expect(codes(plain)).toEqual(['1 warning connect-only']);
  const [message = ''] = messages(plain);
  expect(message).toContain(hint);
  const [, line = ''] = /a real check is: (.*)\)$/.exec(message) ?? [];
  expect(codes(block(`port = ${port}`, line, server()))).toEqual([]);
  expect(codes(block(`port = ${port}`, 'send = "x"', server()))).toEqual(['1 warning connect-only']);
});

test('the port that is checked counts, and other checks and ports are let be', () => {
  expect(codes(block('port = 8443', server('port = 443')))).toEqual(['1 warning connect-only']);
  expect(codes(block('port = 80', server('port = 443')))).toEqual([]);
  expect(codes(block('port = 22', server()))).toEqual([]);
  expect(codes(block('port = 443', 'protocol = udp', server()))).not.toContain('1 warning connect-only');
  expect(codes(block('port = 53', 'protocol = udp', server()))).toContain('1 warning connect-only');
});

test('use_regex without expect is warned of', () => {
  expect(codes(block('use_regex = 1', server()))).toEqual(['4 warning no-expect']);
  expect(codes(block('use_regex = 1', 'expect = "x"', server()))).toEqual([]);
});

const udp = block('protocol = udp', 'port = 514', server());

test('clients of a UDP service are sent to a dead server for long, unless the file says what is to become of them', () => {
  const tcp = block(server()).replaceAll('10.1.0.1', '10.1.0.2');
  const [message = ''] = messages(udp + tcp);
  expect(message).toMatch(/^f:4:12: warning: clients of "v" that keep their source port get no answer for up to udp_timeout, 300 s by default, when their server left the table/); // prettier-ignore
  for (const way of ['expire_nodest_conn = 1', 'ops = 1', 'udp_timeout']) expect(message).toContain(way);
  expect(messages(`udp_timeout = 40\n${udp}${tcp}`)[0]).toContain('udp_timeout, 40 s');
  for (const answer of [0, 1]) expect(codes(`expire_nodest_conn = ${answer}\n${udp}${tcp}`)).toEqual([]);
  expect(codes(`network = direct\n${udp.replace('port', 'ops = 1\nport')}${tcp}`)).toEqual([]);
});

test('expire_nodest_conn is 1 by default where all active services are UDP, and the check says so', () => {
  const setting = (text: string): unknown => parseConfiguration(text).configuration?.ipvsSettings.expire_nodest_conn;
  const tcp = block(server()).replaceAll('10.1.0.1', '10.1.0.2');
  expect(messages(udp)[0]).toContain('expire_nodest_conn counts as 1');
  expect([udp, udp + tcp, tcp, '# none', udp + tcp.replace('active = 1', 'active = 0')].map(setting)).toEqual([
    1, 0, 0, 0, 1,
  ]);
  expect(setting(`expire_nodest_conn = 0\n${udp}`)).toBe(0);
  expect(setting(udp.replace('port', 'fwmark = 4\nport'))).toBe(0);
});

test('the files that this project shows have nothing to warn of', () => {
  const file = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
  const [, readme = ''] = /^```\n(primary = [^]*?)^```$/m.exec(file('README.md')) ?? [];
  expect(readme).toContain('virtual web');
  const sample = file('etc/sysconfig/ha/lvs.cf');
  expect([readme, sample, sample.replace('active = 0', 'active = 1')].map(messages)).toEqual([[], [], []]);
});
