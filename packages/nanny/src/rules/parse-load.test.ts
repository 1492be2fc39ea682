import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseLoad } from './parse-load.ts';

const loadOf = (text: string, host: string | null = null) => parseLoad(Buffer.from(text), host);

test.each([
  ['uptime', ' 11:34:30 up 1 day,  2:03,  1 user,  load average: 0.10, 0.05, 0.01\n', 0.1],
  ['uptime of a BSD', ' 3:04PM  up 12 days, 5:01, 2 users, load averages: 1.20 1.30 1.40\n', 1.2],
  ['uptime with a decimal comma', ' 11:34:30 up 3 min,  1 user,  load average: 2,10, 0,05, 0,01\n', 2.1],
  ['uptime in French', ' 11:34:30 up 3 min,  1 utilisateur,  charge moyenne : 0,44, 0,05, 0,01\n', 0.44],
  ['uptime after a greeting', 'Welcome: the load is heavy\r\n up 1 min,  load average: 0.30, 0.05, 0.01\r\n', 0.3],
  ['uptime of a large machine', ' up 1 day,  load average: 1234.56, 900.00, 12.00', 1234.56],
  ['rup', 'web1      11:34 up    1 day,  2:03,         load 0.70 0.05 0.01\n', 0.7],
  ['rup with commas', 'web1      up 6 days, 16:45,  load average: 0.20, 0.23, 0.18\n', 0.2],
  ['ruptime', 'web1          up    2+07:34,     0 users,  load 12.50,  3.00,  1.00\n', 12.5],
  ['a host that is named load', 'load.example: 10.2.0.11 load 2 up 3+02:34, 2 users, load 0.60, 0.05, 0.01\n', 0.6],
  ['a name and a value', 'load: 0.42, fine\n', 0.42],
  ['a name and a whole number', 'host overload\nload average: 3\n', 3],
  ['a number', '0.25\n', 0.25],
  ['a whole number', ' 7 \nand more\n', 7],
  ['/proc/loadavg', '0.31 0.05 0.01 1/123 4567\n', 0.31],
])('%s is understood', (_name, text, load) => {
  expect(loadOf(text)).toBe(load);
});

test.each([
  ['nothing', ''],
  ['an error', 'rup: RPC: Port mapper failure - Unable to receive: errno 111 (Connection refused)\n'],
  ['a host that is down', 'web1        down    1+01:00\n'],
  ['a clock', '11:34:30\n'],
  ['an address', '10.2.0.11\n'],
  ['a negative number', '-1\n'],
  ['negative averages', 'load average: -0.10, 0.05, 0.01\n'],
  ['no number', 'load average: nan, inf, nan\n'],
  ['a number without end', `${'9'.repeat(400)}\n`],
  ['a number on another line', 'load\n1\n'],
  ['several numbers', '1 2 3\n'],
  ['a version', 'load 1.2.3\n'],
])('%s is no load', (_name, text) => {
  expect(loadOf(text)).toBeUndefined();
});

const ruptime = [
  'averylonghos  up    2+07:34,     0 users,  load  1.00,  2.00,  3.00',
  'dead        down    1+01:00',
  'load          up    2+07:34,     0 users,  load 12.50,  3.00,  1.00',
  'web1          up    2+07:34,     0 users,  load  0.12,  0.05,  0.01',
  'web10         up    2+07:34,     0 users,  load  0.13,  0.05,  0.01',
  'samelongname  up    2+07:34,     0 users,  load  0.14,  0.05,  0.01',
  'samelongname  up    2+07:34,     0 users,  load  0.15,  0.05,  0.01',
  '',
].join('\n');

test.each([
  ['web1', 0.12],
  ['WEB1.example.com', 0.12],
  ['web10', 0.13],
  ['load', 12.5],
  ['averylonghostname', 1],
  ['dead', undefined],
  ['web', undefined],
  ['samelongname-a', undefined],
])('of many hosts, %s has the load of its own line: %p', (host, load) => {
  expect(loadOf(ruptime, host)).toBe(load);
});

const words = fc.constantFrom(
  'load',
  'average',
  ':',
  ' ',
  ', ',
  '\t',
  '\n',
  '0.1',
  '1,2',
  '99',
  '.',
  '-',
  'web1',
  '\xff',
);
const anything = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }),
  fc.array(words, { maxLength: 500 }).map((some) => Buffer.from(some.join(''), 'latin1')),
);

test('any output is a load that is a number of its own, or none', () => {
  fc.assert(
    fc.property(anything, fc.constantFrom(null, 'web1', ''), (output, host) => {
      const load = parseLoad(output, host) ?? 0;
      expect(load >= 0 && load < 1e6).toBe(true);
    }),
  );
});

test.each(['load ', ' ', 'load average', '0.1 ', '0.1,', '1', '\n', 'load\t:\t'])(
  'the longest output that there can be, full of %j, takes no time',
  (text) => {
    const output = Buffer.from(text.repeat(65_536 / text.length));
    const began = performance.now();
    parseLoad(output, null);
    parseLoad(output, 'web1');
    expect(performance.now() - began).toBeLessThan(1000);
  },
);
