import { constants } from 'node:os';
import { expect, test } from '@jest/globals';
import type { IpAddress, Port } from '@piranha/domain';
import { endpoint } from '@piranha/domain';
import fc from 'fast-check';
import { describeError, quote, shorten } from './describe.ts';

test('an IPv6 address stands in brackets before its port', () => {
  expect(endpoint('10.2.0.11' as IpAddress, 80 as Port)).toBe('10.2.0.11:80');
  expect(endpoint('2001:db8::11' as IpAddress, 80 as Port)).toBe('[2001:db8::11]:80');
});

test('quoted bytes are readable', () => {
  expect(quote(Buffer.from('a "b"\r\n\\\0\xff', 'latin1'))).toBe(String.raw`"a \"b\"\r\n\\\x00\xff"`);
});

test('quoted bytes are short and harmless to a terminal, whatever they are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(quote(bytes)).toMatch(/^"[ -~]{0,240}…?"$/);
    }),
  );
});

test.each([
  ['ECONNREFUSED', 'connection refused'],
  ['EHOSTUNREACH', 'no route to host'],
  ['ENETUNREACH', 'network is unreachable'],
  ['ECONNRESET', 'connection reset by peer'],
] as const)('%s is told as "%s"', (code, words) => {
  const error = Object.assign(new Error(`connect ${code}`), { code, errno: -constants.errno[code] });
  expect(describeError(error)).toBe(words);
});

test('an error that is not of the system is told in its own words', () => {
  expect(describeError(new Error('The argument is wrong'))).toBe('The argument is wrong');
});

test('a long text is told in part', () => {
  expect(shorten('x'.repeat(200))).toBe('x'.repeat(200));
  expect(shorten('x'.repeat(5000))).toBe(`${'x'.repeat(200)}…`);
});
