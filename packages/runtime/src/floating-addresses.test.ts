import { expect, test } from '@jest/globals';
import type { IpAddress } from '@piranha/domain';
import type { Interface } from '@piranha/protocol';
import { lowerLine, lowerLines, missing, raiseLines } from './floating-addresses.ts';

const address = (text: string) => text as IpAddress;
const vip = { address: address('10.1.0.100'), device: 'eth0:1', prefix: 24 };

const eth0 = (...addresses: readonly (readonly [string, number])[]): Interface => ({
  name: 'eth0',
  up: true,
  running: true,
  mac: undefined,
  addresses: addresses.map(([text, prefix]) => ({ address: address(text), prefix, expires: false })),
});

/** The same, and the time of every address will be over. */
const expiring = (device: Interface): Interface => ({
  ...device,
  addresses: device.addresses.map((entry) => ({ ...entry, expires: true })),
});

test('an address comes up with its mask, broadcast address and label', () => {
  expect(raiseLines([eth0()], [vip])).toEqual([
    'address replace 10.1.0.100/24 broadcast 10.1.0.255 dev eth0 label eth0:1',
  ]);
});

test('an address without a mask stands alone and has no broadcast address', () => {
  expect(raiseLines([eth0()], [{ ...vip, prefix: undefined }])).toEqual([
    'address replace 10.1.0.100/32 dev eth0 label eth0:1',
  ]);
});

test('an IPv6 address is usable at once, has no label, and is no source of own connections', () => {
  expect(raiseLines([eth0()], [{ address: address('2001:db8::1'), device: 'eth0:2', prefix: undefined }])).toEqual([
    'address replace 2001:db8::1/128 dev eth0 nodad preferred_lft 0',
  ]);
});

test('an address that is there already is adopted as it is', () => {
  expect(raiseLines([eth0(['10.1.0.100', 32])], [vip])).toEqual([]);
});

test('an address with a lease comes up for so many seconds', () => {
  expect(raiseLines([eth0()], [vip], 14)).toEqual([
    'address replace 10.1.0.100/24 broadcast 10.1.0.255 dev eth0 label eth0:1 preferred_lft 14 valid_lft 14',
  ]);
  expect(raiseLines([eth0()], [{ address: address('2001:db8::1'), device: 'eth0:2', prefix: undefined }], 14)).toEqual([
    'address replace 2001:db8::1/128 dev eth0 nodad preferred_lft 0 valid_lft 14',
  ]);
});

test('a lease is renewed with the mask that the address really has', () => {
  const renewed = ['address replace 10.1.0.100/32 dev eth0 label eth0:1 preferred_lft 14 valid_lft 14'];
  expect(raiseLines([eth0(['10.1.0.100', 32])], [vip], 14)).toEqual(renewed);
  expect(raiseLines([expiring(eth0(['10.1.0.100', 32]))], [vip], 14)).toEqual(renewed);
});

test('without a lease an address whose time would be over is there for good', () => {
  expect(raiseLines([expiring(eth0(['10.1.0.100', 32]))], [vip])).toEqual([
    'address replace 10.1.0.100/32 dev eth0 label eth0:1',
  ]);
});

test('an address goes down with the mask it really has', () => {
  expect(lowerLines([eth0(['10.1.0.2', 24], ['10.1.0.100', 32])], [vip])).toEqual([
    'address delete 10.1.0.100/32 dev eth0',
  ]);
});

test.each([
  [vip, 'address delete 10.1.0.100/24 dev eth0'],
  [{ ...vip, prefix: undefined }, 'address delete 10.1.0.100/32 dev eth0'],
  [{ address: address('2001:db8::1'), device: 'eth0:2', prefix: undefined }, 'address delete 2001:db8::1/128 dev eth0'],
])('the line that takes %j down unseen is the one for an address that stands as it was raised', (floating, line) => {
  const [start] = raiseLines([eth0()], [floating]);
  const [, text = '', prefix = ''] = /^address replace (.*)\/(\d+) /.exec(start ?? '') ?? [];
  expect(lowerLine(floating)).toBe(line);
  expect(lowerLines([eth0([text, Number(prefix)])], [floating])).toEqual([line]);
});

test('the same address on another device is not ours: a real server has it on lo', () => {
  const lo: Interface = { ...eth0(['10.1.0.100', 32]), name: 'lo' };
  expect(lowerLines([lo, eth0()], [vip])).toEqual([]);
  expect(missing([lo, eth0()], [vip])).toEqual([vip]);
});
