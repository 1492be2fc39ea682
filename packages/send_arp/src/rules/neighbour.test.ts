import { expect, test } from '@jest/globals';
import type { IpAddress } from '@piranha/domain';
import { broadcastMac, ipv6FromBytes, parseIpAddress, parseMacAddress } from '@piranha/domain';
import fc from 'fast-check';
import { advertisementBytes, advertisementClaim, advertisementFrame, solicitationFrame } from './neighbour.ts';

const mac = (text: string) => parseMacAddress(text) ?? broadcastMac;
const binding = { address: parseIpAddress('2001:db8:1::64') ?? ('::' as IpAddress), mac: mac('52:54:00:AB:CD:EF') };
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const address = '20010db8000100000000000000000064';
const allNodes = 'ff020000000000000000000000000001';

/** The sum of all 16-bit words of what the checksum covers: all ones where it is right (RFC 1071). */
function sumOf(frame: Uint8Array): number {
  const covered = Buffer.concat([
    frame.subarray(22, 54),
    Buffer.from([0, 0, 0, frame.length - 54, 0, 0, 0, 58]),
    frame.subarray(54),
  ]);
  let sum = 0;
  for (let at = 0; at < covered.length; at += 2) sum += covered.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

test('an advertisement overrides what all nodes know, byte for byte', () => {
  expect(hex(advertisementFrame(binding, broadcastMac, false))).toBe(
    [
      ...['333300000001', '525400abcdef', '86dd'],
      ...['60000000', '0020', '3a', 'ff', address, allNodes],
      ...['88', '00', 'd974', '20000000', address, '0201', '525400abcdef'],
    ].join(''),
  );
});

test('a router says that it is one, and the checksum follows', () => {
  const frame = advertisementFrame(binding, broadcastMac, true);
  expect(hex(frame.subarray(54, 62))).toMatch(/^8800....a0000000$/);
  expect(sumOf(frame)).toBe(0xffff);
});

test('an advertisement to one station goes to it alone', () => {
  expect(hex(advertisementFrame(binding, mac('020000000001'), false)).slice(0, 12)).toBe('020000000001');
});

test('a question goes to those that may have the address, from nobody', () => {
  const frame = solicitationFrame(binding);
  expect(hex(frame)).toBe(
    [
      ...['3333ff000064', '525400abcdef', '86dd', '60000000', '0018', '3a', 'ff'],
      ...['00'.repeat(16), 'ff0200000000000000000001ff000064'],
      ...['87', '00', hex(frame.subarray(56, 58)), '00000000', address],
    ].join(''),
  );
  expect(sumOf(frame)).toBe(0xffff);
});

test('every binding makes frames with a true checksum, and the advertisement is read back as it', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(
    fc.property(bytes(16), bytes(6), fc.boolean(), (words, hardware, router) => {
      const made = { address: ipv6FromBytes([...words]), mac: mac(hex(hardware)) };
      const frame = advertisementFrame(made, broadcastMac, router);
      expect([sumOf(frame), sumOf(solicitationFrame(made))]).toEqual([0xffff, 0xffff]);
      expect(advertisementClaim(frame)).toEqual(made);
      expect(advertisementClaim(solicitationFrame(made))).toBeUndefined();
      expect(advertisementBytes.every(({ at, byte }) => frame[at] === byte)).toBe(true);
    }),
  );
});

test('without the option the station that sent the frame is meant', () => {
  const frame = advertisementFrame(binding, broadcastMac, false);
  expect(advertisementClaim(frame.subarray(0, 78))).toEqual(binding);
});

test('what has passed a router, and any other bytes, claim nothing', () => {
  const whole = advertisementFrame(binding, broadcastMac, false);
  const changed = (at: number, byte: number): Uint8Array => {
    const frame = Uint8Array.from(whole);
    frame[at] = byte;
    return frame;
  };
  for (const frame of [changed(21, 254), changed(20, 17), changed(13, 0), changed(54, 135), changed(55, 1)]) {
    expect(advertisementClaim(frame)).toBeUndefined();
  }
  expect(advertisementClaim(whole.subarray(0, 77))).toBeUndefined();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      expect(advertisementClaim(bytes)).toBeUndefined();
    }),
  );
});
