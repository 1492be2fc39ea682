import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeHeartbeat, encodeHeartbeat } from './datagram.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('an active router says da db ad bd, an inactive one bd da bd ad', () => {
  expect(hex(encodeHeartbeat('running'))).toBe('dadbadbd');
  expect(hex(encodeHeartbeat('stopped'))).toBe('bddabdad');
});

test.each([
  ['dadbadbd', 'running'],
  ['bddabdad', 'stopped'],
  ['dadaadde', 'stop-me'],
  ['bebaafde', 'hold'],
  ['dadaafde', 'held'],
  ['dadbadbd00112233', 'running'],
  ['bdaddbda', 'incompatible'],
  ['bebaefbe', 'incompatible'],
  ['dadbad', 'short'],
  ['', 'short'],
])('the bytes %j mean %s', (bytes, meaning) => {
  expect(decodeHeartbeat(Buffer.from(bytes, 'hex'))).toBe(meaning);
});

test('any bytes get an answer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(typeof decodeHeartbeat(bytes)).toBe('string');
    }),
  );
});
