import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  broadcastAddress,
  ipv6Bytes,
  ipv6FromBytes,
  isLinkLocal,
  isMulticast,
  mappedIpv4,
  parseIpAddress,
  prefixOfMask,
} from './address.ts';
import type { IpAddress } from './address.ts';

const address = (text: string): IpAddress => {
  const parsed = parseIpAddress(text);
  if (parsed === undefined) throw new Error(`${text} is not an address`);
  return parsed;
};

test.each(['10.0.0.1', '255.255.255.255', '0.0.0.0'])('%s is an IPv4 address', (text) => {
  expect(parseIpAddress(text)).toBe(text);
});

test.each(['10.0.0.01', '10.1', '0x0a.0.0.1', '10.0.0.256', ' 10.0.0.1', 'web1', '', 'fe80::1%eth0'])(
  '%j is not an address',
  (text) => {
    expect(parseIpAddress(text)).toBeUndefined();
  },
);

test('two spellings of one IPv6 address become equal', () => {
  expect(parseIpAddress('2001:DB8:0:0::1')).toBe('2001:db8::1');
});

test('a netmask with holes has no prefix length', () => {
  expect(prefixOfMask(address('255.0.255.0'))).toBeUndefined();
});

test('every prefix length survives the way through its mask', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 32 }), (prefix) => {
      const bits = '1'.repeat(prefix).padEnd(32, '0');
      const mask = [0, 8, 16, 24].map((at) => parseInt(bits.slice(at, at + 8), 2)).join('.');
      expect(prefixOfMask(address(mask))).toBe(prefix);
    }),
  );
});

test.each([
  ['10.1.0.100', 24, '10.1.0.255'],
  ['10.1.0.100', 32, '10.1.0.100'],
  ['10.1.0.100', 20, '10.1.15.255'],
  ['10.1.0.100', 0, '255.255.255.255'],
])('the broadcast address of %s/%i is %s', (host, prefix, broadcast) => {
  expect(broadcastAddress(address(host), prefix)).toBe(broadcast);
});

test('multicast addresses of both families are told apart from hosts', () => {
  expect(['224.0.0.18', 'ff02::1', '10.0.0.1', '2001:db8::1'].map((text) => isMulticast(address(text)))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('addresses of one link alone are told apart from others', () => {
  expect(['fe80::1', 'febf::1', 'fec0::1', 'fd00::1', '169.254.0.1'].map((text) => isLinkLocal(address(text)))).toEqual(
    [true, true, false, false, false],
  );
});

test('an IPv4 address within an IPv6 one is found', () => {
  expect(
    ['::ffff:192.0.2.7', '::FFFF:c000:207', '::192.0.2.7', '192.0.2.7'].map((text) => mappedIpv4(address(text))),
  ).toEqual(['192.0.2.7', '192.0.2.7', undefined, undefined]);
});

test.each([
  ['::', '00000000000000000000000000000000'],
  ['::1', '00000000000000000000000000000001'],
  ['fd00::', 'fd000000000000000000000000000000'],
  ['2001:db8:0:1::a:b', '20010db80000000100000000000a000b'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
])('the bytes of %s are %s', (text, hex) => {
  expect(Buffer.from(ipv6Bytes(address(text))).toString('hex')).toBe(hex);
});

test('any 16 bytes are an IPv6 address in its canonical spelling, and are its bytes', () => {
  const byte = fc.oneof(fc.constant(0), fc.nat(255));
  fc.assert(
    fc.property(fc.array(byte, { minLength: 16, maxLength: 16 }), (bytes) => {
      const made = ipv6FromBytes(bytes);
      expect(parseIpAddress(made)).toBe(made);
      expect(ipv6Bytes(made)).toEqual(bytes);
    }),
  );
});
