import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bounded, lineOf, longestLogLine, syslogDatagram } from './line.ts';

test.each([
  [{}, 'server down'],
  [{ server: 'web1', after: 3, quiesced: false }, 'server down server=web1 after=3 quiesced=false'],
  [{ server: undefined }, 'server down'],
  [{ reason: 'connection refused' }, 'server down reason="connection refused"'],
  [{ answer: 'a "b" \\ c' }, String.raw`server down answer="a \"b\" \\ c"`],
  [{ answer: '' }, 'server down answer=""'],
  [{ answer: 'x server=web2' }, 'server down answer="x server=web2"'],
  [{ answer: 'x\nJan  1 00:00:00 pulse: no' }, String.raw`server down answer="x\nJan  1 00:00:00 pulse: no"`],
  [{ message: '%s', level: 'emerg' }, 'server down message=%s level=emerg'],
])('the facts %j are behind the text', (fields, line) => {
  expect(lineOf('server down', fields)).toBe(line);
});

test.each([
  ['error', '<27>'],
  ['warning', '<28>'],
  ['notice', '<29>'],
  ['info', '<30>'],
  ['debug', '<31>'],
] as const)('%s has the priority %s of a daemon', (level, priority) => {
  const datagram = syslogDatagram(level, 'pulse[7]', 'ready', new Date(2026, 0, 2, 3, 4, 5));
  expect(datagram).toBe(`${priority}Jan  2 03:04:05 pulse[7]: ready`);
});

test('no line is longer than the bound, and none ends in half a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 1200 }), fc.nat(3), (text, shift) => {
      const line = bounded('x'.repeat(longestLogLine - 600 - shift) + text);
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(longestLogLine);
      expect(line).not.toContain('\ufffd');
    }),
  );
});

test('what was cut off leaves a mark', () => {
  expect(bounded('x'.repeat(5000))).toBe(`${'x'.repeat(longestLogLine - 3)}…`);
  expect(bounded('x'.repeat(longestLogLine))).toBe('x'.repeat(longestLogLine));
});
