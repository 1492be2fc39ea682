import { expect, test } from '@jest/globals';
import type { IpAddress } from '@piranha/domain';
import { broadcastMac, ipv4FromBytes, parseMacAddress } from '@piranha/domain';
import fc from 'fast-check';
import { replyFrame, requestFrame } from './frame.ts';

const mac = (text: string) => parseMacAddress(text) ?? broadcastMac;
const binding = { address: '10.1.0.100' as IpAddress, mac: mac('52:54:00:AB:CD:EF') };
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const padding = '00'.repeat(18);

test('the reply is the frame of the original, byte for byte', () => {
  expect(hex(replyFrame(binding, broadcastMac))).toBe(
    `ffffffffffff525400abcdef08060001080006040002525400abcdef0a010064525400abcdef0a010064${padding}`,
  );
});

test('the reply goes to the station it is meant for', () => {
  expect(hex(replyFrame(binding, mac('020000000001'))).slice(0, 24)).toBe('020000000001525400abcdef');
});

test('the request asks everybody for the address it comes from, and knows no target', () => {
  expect(hex(requestFrame(binding))).toBe(
    `ffffffffffff525400abcdef08060001080006040001525400abcdef0a0100640000000000000a010064${padding}`,
  );
});

test('every binding makes 60 bytes that name it at both ends', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(
    fc.property(bytes(4), bytes(6), (address, hardware) => {
      const frame = replyFrame({ address: ipv4FromBytes([...address]), mac: mac(hex(hardware)) }, broadcastMac);
      expect(frame).toHaveLength(60);
      const end = hex(hardware) + hex(address);
      expect(hex(frame.subarray(22, 42))).toBe(end + end);
    }),
  );
});
