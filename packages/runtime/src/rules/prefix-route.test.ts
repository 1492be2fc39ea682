import { describe, expect, test } from '@jest/globals';
import type { IpAddress } from '@piranha/domain';
import type { Interface, InterfaceAddress } from '@piranha/protocol';
import { raisePlan } from './floating-addresses.ts';
import { prefixRouteLines } from './prefix-route.ts';

const entry = (address: string, prefix: number, more: Partial<InterfaceAddress> = {}): InterfaceAddress => ({
  ...{ address: address as IpAddress, prefix, expires: false, label: 'eth0' },
  ...more,
});
const eth0 = (...addresses: readonly InterfaceAddress[]): Interface => ({
  ...{ name: 'eth0', index: 2, up: true, running: true, mac: undefined, addresses },
});
const labelOf = ({ label }: InterfaceAddress): string | undefined => (label === 'eth0' ? undefined : label);

const own = entry('10.1.0.2', 16);
const vip = entry('10.1.0.100', 24, { label: 'eth0:1' });
const routeless = { ...vip, noPrefixRoute: true } as const;
const again = (...addresses: readonly InterfaceAddress[]) => prefixRouteLines([eth0(...addresses)], labelOf, 14);

describe('a floating address in a part of the router’s own network', () => {
  test('comes up without a route to that part', () => {
    const floating = { address: vip.address, device: 'eth0:1', prefix: 24 };
    const linesBeside = (...others: readonly InterfaceAddress[]) =>
      raisePlan([eth0(...others)], [floating], { raised: [], lease: undefined, inTime: true }).lines;
    const line = 'address replace 10.1.0.100/24 broadcast 10.1.0.255 dev eth0 label eth0:1';
    expect(linesBeside(own)).toEqual([`${line} noprefixroute`]);
    expect(linesBeside(entry('10.9.0.2', 16))).toEqual([line]);
    expect(linesBeside(own, entry('10.1.0.3', 24))).toEqual([line]);
  });

  test('is raised again without it, and the machine has it all the time', () => {
    expect(again(own, vip)).toEqual([
      'address replace 10.1.0.100/32 dev eth0 label eth0:1 preferred_lft 14 valid_lft 14',
      'address delete 10.1.0.100/24 dev eth0 label eth0:1',
      'address replace 10.1.0.100/24 broadcast 10.1.0.255 dev eth0 label eth0:1 preferred_lft 14 valid_lft 14 noprefixroute',
      'address delete 10.1.0.100/32 dev eth0 label eth0:1',
    ]);
  });

  test('gets its route when the router has no wider network there any more', () => {
    expect(again(routeless)[2]).toMatch(/^address replace 10\.1\.0\.100\/24 .* valid_lft 14$/);
  });

  test('is renewed as it is', () => {
    const floating = { address: vip.address, device: 'eth0:1', prefix: 24 };
    const { lines } = raisePlan([eth0(own, routeless)], [floating], { raised: [], lease: 14, inTime: true });
    expect(lines).toEqual([expect.stringMatching(/ noprefixroute$/)]);
  });
});

test.each([
  ['it has no route already', [own, routeless]],
  [
    'the router has an address in the same part, too',
    [own, entry('10.1.0.3', 24), { ...vip, secondary: true as const }],
  ],
  ['the router is in another network', [entry('10.9.0.2', 16), vip]],
  ['its mask is the wider one', [entry('10.1.0.2', 24), { ...vip, prefix: 16 }]],
  ['it stands alone', [own, { ...vip, prefix: 32 }]],
  ['IPv6 addresses are no source anyway', [entry('fd00::2', 48), entry('fd00::100', 64, { label: 'eth0:1' })]],
])('nothing is to be done where %s', (_name, addresses) => {
  expect(again(...addresses)).toEqual([]);
});
