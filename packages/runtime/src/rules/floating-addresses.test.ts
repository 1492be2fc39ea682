import { describe, expect, test } from '@jest/globals';
import type { FloatingAddress, IpAddress } from '@piranha/domain';
import type { Interface, InterfaceAddress, RaisedAddress } from '@piranha/protocol';
import {
  lowerStandings,
  missing,
  notedPlaces,
  raisePlan,
  standingsOf,
  standingsToLeave,
  unseenLines,
} from './floating-addresses.ts';

const address = (text: string) => text as IpAddress;
const vip: FloatingAddress = { address: address('10.1.0.100'), device: 'eth0:1', prefix: 24 };
const vip6: FloatingAddress = { address: address('2001:db8::1'), device: 'eth0:2', prefix: undefined };

const device = (name: string, index: number, ...addresses: readonly InterfaceAddress[]): Interface => ({
  ...{
    name,
    index,
    ...(name === 'lo' ? { loopback: true as const } : {}),
    up: true,
    running: true,
    mac: undefined,
    addresses,
  },
});
const eth0 = (...addresses: readonly InterfaceAddress[]): Interface => device('eth0', 2, ...addresses);

const standing: InterfaceAddress = { address: vip.address, prefix: 32, expires: false, label: 'eth0:1' };
const byHand: InterfaceAddress = { ...standing, label: 'eth0' };
const noted: RaisedAddress = { address: vip.address, device: 'eth0', label: 'eth0:1', index: 2 };

const planned = (
  interfaces: readonly Interface[],
  wanted: readonly FloatingAddress[],
  { lease, raised = [] }: { readonly lease?: number; readonly raised?: readonly RaisedAddress[] } = {},
) => raisePlan(interfaces, wanted, { raised, lease, inTime: true });
const raiseLines = (...[interfaces, wanted, more]: Parameters<typeof planned>) =>
  planned(interfaces, wanted, more).lines;
const lowerLines = (
  interfaces: readonly Interface[],
  unwanted: readonly FloatingAddress[],
  ...raised: readonly RaisedAddress[]
) => lowerStandings(standingsToLeave(interfaces, { unwanted, kept: [] }, raised));

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
  expect(raiseLines([eth0()], [vip6])).toEqual(['address replace 2001:db8::1/128 dev eth0 nodad preferred_lft 0']);
});

test('an address that is there already is adopted as it is', () => {
  expect(raiseLines([eth0(standing)], [vip])).toEqual([]);
});

test('an address with a lease comes up for so many seconds', () => {
  expect(raiseLines([eth0()], [vip], { lease: 14 })).toEqual([
    'address replace 10.1.0.100/24 broadcast 10.1.0.255 dev eth0 label eth0:1 preferred_lft 14 valid_lft 14',
  ]);
  expect(raiseLines([eth0()], [vip6], { lease: 14 })).toEqual([
    'address replace 2001:db8::1/128 dev eth0 nodad preferred_lft 0 valid_lft 14',
  ]);
});

test('a lease is renewed with the mask that the address really has', () => {
  const renewed = ['address replace 10.1.0.100/32 dev eth0 label eth0:1 preferred_lft 14 valid_lft 14'];
  expect(raiseLines([eth0(standing)], [vip], { lease: 14 })).toEqual(renewed);
  expect(raiseLines([eth0({ ...standing, expires: true })], [vip], { lease: 14 })).toEqual(renewed);
});

test('without a lease an address whose time would be over is there for good', () => {
  expect(raiseLines([eth0({ ...standing, expires: true })], [vip])).toEqual([
    'address replace 10.1.0.100/32 dev eth0 label eth0:1',
  ]);
});

test('an address goes down with the mask it really has', () => {
  const own = { ...byHand, address: address('10.1.0.2'), prefix: 24 };
  expect(lowerLines([eth0(own, standing)], [vip])).toEqual(['address delete 10.1.0.100/32 dev eth0 label eth0:1']);
});

test.each([
  [vip, 'address delete 10.1.0.100/24 dev eth0 label eth0:1'],
  [{ ...vip, prefix: undefined }, 'address delete 10.1.0.100/32 dev eth0 label eth0:1'],
])('the line that takes %j down unseen is the one for an address that stands as it was raised', (floating, line) => {
  expect(unseenLines([floating], [])).toEqual([line]);
});

test('what has no mark of its own goes down unseen only where it is noted, and IPv6 never', () => {
  const bare = { ...vip, device: 'eth0' };
  expect(unseenLines([bare, vip6], [])).toEqual([]);
  const notes = [
    { ...noted, label: 'eth0' },
    { address: vip6.address, device: 'eth0', index: 2 },
  ];
  expect(unseenLines([bare, vip6], notes)).toEqual(['address delete 10.1.0.100/24 dev eth0 label eth0']);
});

test('the same address on loopback is not ours: a real server has it there', () => {
  const lo = device('lo', 1, { ...standing, label: 'lo' });
  expect(lowerLines([lo, eth0()], [vip])).toEqual([]);
  expect(missing([lo, eth0()], [vip])).toEqual([vip]);
  expect(standingsOf([lo, eth0()], [vip], [noted])).toEqual({ ours: [], foreign: [] });
});

describe('what somebody else has put there', () => {
  test.each([
    ['under the name of the device', byHand],
    ['under another label', { ...standing, label: 'eth0:9' }],
  ])('%s is used as it is, without a lease, and stays', (_name, entry) => {
    const plan = planned([eth0(entry)], [vip], { lease: 14 });
    expect(plan).toMatchObject({ lines: [], added: [], notes: [], foreign: [{ entry }] });
    expect(lowerLines([eth0(entry)], [vip])).toEqual([]);
  });

  test('stays even where pulse has raised the same address before: that one is gone', () => {
    expect(lowerLines([eth0(byHand)], [vip], noted)).toEqual([]);
    expect(planned([eth0(byHand)], [vip], { raised: [noted] }).foreign).toHaveLength(1);
  });

  test('is told by IPv6 from its preferred lifetime', () => {
    const entry = { address: vip6.address, prefix: 128, expires: false };
    expect(lowerLines([eth0(entry)], [vip6], { address: vip6.address, device: 'eth0', index: 2 })).toEqual([]);
    expect(lowerLines([eth0({ ...entry, deprecated: true })], [vip6])).toEqual([
      'address delete 2001:db8::1/128 dev eth0',
    ]);
  });

  test('under the name of the device is ours where that is how pulse has raised it', () => {
    const bare = { ...vip, device: 'eth0' };
    expect(lowerLines([eth0(byHand)], [bare])).toEqual([]);
    expect(lowerLines([eth0(byHand)], [bare], { ...noted, label: 'eth0' })).toEqual([
      'address delete 10.1.0.100/32 dev eth0 label eth0',
    ]);
  });
});

test('a note without label and number, of an earlier version, is good for every label on its device', () => {
  const old = { address: vip.address, device: 'eth0' };
  expect(lowerLines([eth0(byHand)], [vip], old)).toEqual(['address delete 10.1.0.100/32 dev eth0 label eth0']);
  expect(lowerLines([device('eth1', 3, byHand)], [vip], old)).toEqual([]);
});

describe('an address of a former file, on another device than the file names now', () => {
  const left = device('eth1', 3, { ...standing, label: 'eth1:1' });
  const former: FloatingAddress = { ...vip, device: 'eth1:1' };
  const raised: readonly RaisedAddress[] = [{ address: vip.address, device: 'eth1', label: 'eth1:1', index: 3 }];
  const there = { device: left, entry: left.addresses[0] };

  test('goes with the rest: whoever looks for it finds it there, too', () => {
    expect(standingsOf([left, eth0()], [vip], raised).ours).toEqual([there]);
    expect(standingsToLeave([left, eth0()], { unwanted: [vip], kept: [] }, raised)).toEqual([there]);
    expect(notedPlaces({ unwanted: [vip], kept: [] }, raised).map((each) => each.device)).toEqual(['eth0:1', 'eth1']);
  });

  test('goes alone where it is to be up on the device that the file names now', () => {
    const order = { unwanted: [former], kept: [vip] };
    expect(standingsToLeave([left, eth0(standing)], order, [...raised, noted])).toEqual([there]);
    expect(notedPlaces(order, [...raised, noted]).map((each) => each.device)).toEqual(['eth1:1', 'eth1']);
  });

  test('goes on its device for another mask', () => {
    const order = { unwanted: [vip], kept: [{ ...vip, prefix: 32 }] };
    expect(standingsToLeave([eth0(standing)], order, [noted])).toHaveLength(1);
  });
});

describe('a device that has got another name', () => {
  const wan0 = device('wan0', 2, { ...standing, label: 'wan0', expires: true });

  test('keeps our address, which is renewed there and told', () => {
    const plan = planned([wan0], [vip], { lease: 14, raised: [noted] });
    expect(plan.lines).toEqual(['address replace 10.1.0.100/32 dev wan0 label wan0 preferred_lft 14 valid_lft 14']);
    expect(plan).toMatchObject({ added: [], displaced: [{ device: wan0, floating: vip }] });
    // Whatever its label becomes next.
    expect(plan.notes).toEqual([{ address: vip.address, device: 'eth0', index: 2, prefix: 32 }]);
  });

  test('loses it when it goes down', () => {
    expect(lowerLines([wan0], [vip], noted)).toEqual(['address delete 10.1.0.100/32 dev wan0 label wan0']);
  });

  test('loses it when there is a device of the old name again, which gets it', () => {
    const plan = planned([wan0, device('eth0', 7)], [vip], { raised: [noted] });
    expect(plan.lines).toEqual(['address replace 10.1.0.100/24 broadcast 10.1.0.255 dev eth0 label eth0:1']);
    expect(plan).toMatchObject({ leave: [{ device: wan0 }], added: [vip] });
  });

  test('keeps what somebody else has put on a device of another number', () => {
    expect(lowerLines([device('wan0', 9, byHand)], [vip], noted)).toEqual([]);
  });
});
