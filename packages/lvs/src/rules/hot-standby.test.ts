import { expect, test } from '@jest/globals';
import { keyOf } from '@piranha/ipvs';
import { fakeLvs } from '../testing/fake-lvs.ts';
import { wantedNow } from './standing.ts';

const file = (network: string): string => `primary = 192.0.2.1
backup = 192.0.2.2
backup_active = 1
keepalive = 1
deadtime = 20
hot_standby = 1
network = ${network}
virtual web {
  active = 1
  address = 10.0.0.100 eth0:1
  port = 80
  server one {
    active = 1
    address = 192.0.2.1
  }
  server two {
    active = 1
    address = 192.0.2.2
  }
}
`;

const [one, two] = ['tcp 10.0.0.100:80/192.0.2.1:80', 'tcp 10.0.0.100:80/192.0.2.2:80'] as const;

function ready(network = 'direct') {
  const lvs = fakeLvs();
  lvs.configure(file(network));
  lvs.order('standby');
  lvs.up(one);
  lvs.up(two);
  lvs.advance(1000);
  return lvs;
}

const readings = (lvs: ReturnType<typeof ready>): number =>
  lvs.actions.filter((action) => action.type === 'work-on-table').length;

test('a ready standby that takes over starts no ipvsadm for a second, then looks after its table as ever', () => {
  const lvs = ready();
  lvs.advance(2800);
  const before = readings(lvs);
  lvs.order('active');
  expect(lvs.told().at(-1)).toBe('ready');
  lvs.advance(950);
  expect(readings(lvs)).toBe(before);
  lvs.advance(5000);
  expect(readings(lvs)).toBeGreaterThan(before);
});

test('a server that fails in that second leaves at once', () => {
  const lvs = ready();
  lvs.order('active');
  lvs.down(two);
  expect(lvs.table().join()).not.toContain('192.0.2.2:80');
});

test('a standby that has not judged its servers yet takes in each that is good at once when it takes over', () => {
  const lvs = fakeLvs();
  lvs.configure(file('direct'));
  lvs.order('standby');
  lvs.order('active');
  lvs.up(one);
  expect(lvs.table().join()).toContain('192.0.2.1:80');
});

test.each(['direct', 'tunnel'])(
  '%s: a standby that is a real server, too, has no table for that service',
  (network) => {
    const state = { ...ready(network).state(), ownAddresses: new Set(['192.0.2.2']) };
    expect([...wantedNow(state).table.keys()]).toEqual([]);
    expect([...wantedNow({ ...state, role: 'active' }).table.keys()]).toEqual(
      state.configuration?.virtualServers.map(keyOf),
    );
  },
);

test('nat: it has, for what it is given does not carry the virtual address', () => {
  const state = { ...ready('nat').state(), ownAddresses: new Set(['192.0.2.2']) };
  expect(wantedNow(state).table.size).toBe(1);
});
