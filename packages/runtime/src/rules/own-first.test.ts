import { describe, expect, test } from '@jest/globals';
import type { IpAddress } from '@piranha/domain';
import type { Interface, InterfaceAddress } from '@piranha/protocol';
import { keepsQuiet } from '../arp-ignore.ts';
import { dependents, ownFirstLines } from './own-first.ts';

const entry = (address: string, more: Partial<InterfaceAddress> = {}): InterfaceAddress => ({
  ...{ address: address as IpAddress, prefix: 24, expires: false, label: 'eth0' },
  ...more,
});
const eth0 = (...addresses: readonly InterfaceAddress[]): Interface => ({
  ...{ name: 'eth0', index: 2, up: true, running: true, mac: undefined, addresses },
});
const labelOf = ({ label }: InterfaceAddress): string | undefined => (label === 'eth0' ? undefined : label);

const vip = entry('10.1.0.100', { label: 'eth0:1' });
const other = entry('10.1.0.101', { label: 'eth0:2', secondary: true });
const own = entry('10.1.0.2', { secondary: true, broadcast: '10.1.0.255' as IpAddress, scope: 'global' });

const again = (promotes: boolean, ...addresses: readonly InterfaceAddress[]) =>
  ownFirstLines([eth0(...addresses)], labelOf, { lease: undefined, promotes });

describe('a floating address that came before the router’s own one of its network', () => {
  test('goes behind it, and the machine has it all the time: once alone, then with its mask', () => {
    expect(again(true, vip, own)).toEqual([
      'address replace 10.1.0.100/32 dev eth0 label eth0:1',
      'address delete 10.1.0.100/24 dev eth0 label eth0:1',
      'address replace 10.1.0.100/24 broadcast 10.1.0.255 dev eth0 label eth0:1',
      'address delete 10.1.0.100/32 dev eth0 label eth0:1',
    ]);
  });

  test('goes together with all of its network, or the next one of ours would be the first', () => {
    const gone = again(true, vip, other, own).filter((line) => line.startsWith('address delete 10.1.0.10'));
    expect(gone.slice(0, 2)).toEqual([
      'address delete 10.1.0.100/24 dev eth0 label eth0:1',
      'address delete 10.1.0.101/24 dev eth0 label eth0:2',
    ]);
  });

  test('takes the own one along where the kernel does not promote it, which is put back as it was', () => {
    expect(again(false, vip, own)[2]).toBe(
      'address replace 10.1.0.2/24 broadcast 10.1.0.255 dev eth0 scope global label eth0',
    );
  });

  test('keeps its lease', () => {
    const lines = ownFirstLines([eth0(vip, own)], labelOf, { lease: 14, promotes: true });
    expect(lines.filter((line) => line.includes('replace')).every((line) => line.endsWith(' valid_lft 14'))).toBe(true);
  });
});

test.each([
  ['the own address is the first', [entry('10.1.0.2'), { ...vip, secondary: true as const }]],
  ['the floating one is alone in its network', [entry('10.9.0.2'), vip]],
  ['the floating one has a mask of its own', [entry('10.1.0.100', { prefix: 32, label: 'eth0:1' }), entry('10.1.0.2')]],
  ['all are floating', [vip, other]],
])('nothing is to be done where %s', (_name, addresses) => {
  expect(again(true, ...addresses)).toEqual([]);
  expect(dependents([eth0(...addresses)], labelOf)).toEqual([]);
});

describe('who answers for an address', () => {
  const dummy0: Interface = { ...eth0(vip), name: 'dummy0', noArp: true };
  const quiet = (device: Interface, settings: Readonly<Record<string, number>>, of = vip): boolean =>
    keepsQuiet({ device, entry: of }, [eth0(), dummy0], (name) => settings[name] ?? 0);

  test.each([
    [0, false],
    [1, false],
    [2, false],
    [8, true],
  ])('the device that carries it, with arp_ignore = %i: quiet %s', (setting, expected) => {
    expect(quiet(eth0(vip), { eth0: setting })).toBe(expected);
  });

  test('all others where that one knows no ARP, unless they answer for their own alone', () => {
    expect(quiet(dummy0, {})).toBe(false);
    expect(quiet(dummy0, { eth0: 1 })).toBe(true);
  });

  test('of IPv6 addresses only the device that carries it', () => {
    const vip6 = entry('2001:db8::1');
    expect(quiet(dummy0, {}, vip6)).toBe(true);
    expect(quiet(eth0(vip6), { eth0: 8 }, vip6)).toBe(false);
  });
});
