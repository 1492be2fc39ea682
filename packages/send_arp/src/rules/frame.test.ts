import { expect, test } from '@jest/globals';
import type { IpAddress } from '@piranha/domain';
import { broadcastMac, ipv4FromBytes, parseMacAddress } from '@piranha/domain';
import fc from 'fast-check';
import { arpClaim, probeFrame, replyFrame, requestFrame } from './frame.ts';

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

test('the probe asks everybody for the address, and names nobody as the one who has it', () => {
  expect(hex(probeFrame(binding))).toBe(
    `ffffffffffff525400abcdef08060001080006040001525400abcdef000000000000000000000a010064${padding}`,
  );
});

test('every frame that claims an address is read back as its binding, and a probe claims none', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(
    fc.property(bytes(4), bytes(6), (address, hardware) => {
      const made = { address: ipv4FromBytes([...address]), mac: mac(hex(hardware)) };
      expect(arpClaim(replyFrame(made, broadcastMac))).toEqual(made);
      expect(arpClaim(requestFrame(made))).toEqual(made);
      expect(arpClaim(probeFrame(made))).toEqual({ ...made, address: '0.0.0.0' });
    }),
  );
});

test('any other bytes claim nothing, and harm nobody', () => {
  const whole = replyFrame(binding, broadcastMac);
  const damaged = fc.tuple(fc.nat(21), fc.nat(255)).map(([at, byte]) => {
    const frame = Uint8Array.from(whole);
    frame[at] = byte;
    return frame;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), damaged), (bytes) => {
      const claim = arpClaim(bytes);
      // What tells ARP for IPv4 on Ethernet: the type of the frame and the first six bytes behind it.
      const isArp = hex(bytes.subarray(12, 20)) === '0806000108000604' && bytes.length >= 42;
      expect(claim === undefined).toBe(!isArp);
    }),
  );
  expect(arpClaim(whole.subarray(0, 41))).toBeUndefined();
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
