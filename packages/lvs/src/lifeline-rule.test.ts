import { expect, test } from '@jest/globals';
import { fakeLvs } from './fake-lvs.ts';

const pair = 'primary = 192.0.2.1\nbackup = 192.0.2.2\nbackup_active = 1\nkeepalive = 1\ndeadtime = 5\n';
/** deadtime less keepalive less a tenth of deadtime. */
const limit = 3500;
const web = `virtual web {
  active = 1
  address = 10.0.0.100 eth0:1
  port = 80
  server one {
    active = 1
    address = 10.0.1.1
  }
}
`;
const file = pair + web;
const alone = web;
const standingTable = ['-A -t 10.0.0.100:80 -s wlc', '-a -t 10.0.0.100:80 -r 10.0.1.1:80 -m -w 1'];
const vip = { address: '10.0.0.100', device: 'eth0:1', prefix: undefined };

type Lvs = ReturnType<typeof fakeLvs>;

function serving(text = file): Lvs {
  const lvs = fakeLvs();
  lvs.configure(text);
  lvs.order('active');
  lvs.up('tcp 10.0.0.100:80/10.0.1.1:80');
  expect(lvs.table()).toEqual(standingTable);
  return lvs;
}

function fenced(text = file): Lvs {
  const lvs = serving(text);
  lvs.advance(limit);
  lvs.addressesLowered();
  return lvs;
}

const tick = (lvs: Lvs, role: 'active' | 'standby' = 'active', term = 1): void => {
  lvs.send({ type: 'tick', at: lvs.now(), role, term, held: false });
};
const parentGone = (lvs: Lvs): void => {
  lvs.send({ type: 'parent-gone', at: lvs.now() });
};
const stop = (lvs: Lvs): void => {
  lvs.send({ type: 'stop', at: lvs.now(), reason: 'shutting down due to signal 15' });
};
const lowerings = (lvs: Lvs) => lvs.actions.filter((action) => action.type === 'lower-addresses');
const exits = (lvs: Lvs) => lvs.actions.filter((action) => action.type === 'exit');
const tickFor = (lvs: Lvs, lengthMs: number): void => {
  for (let passed = 0; passed < lengthMs; passed += 250) {
    lvs.advance(250);
    tick(lvs);
  }
};

test('as long as pulse ticks an active lvs serves on', () => {
  const lvs = serving();
  tickFor(lvs, 60_000);
  expect(lvs.table()).toEqual(standingTable);
  expect(lowerings(lvs)).toEqual([]);
  expect(lvs.told()).toEqual(['configured', 'written', 'ready']);
});

test('without a tick the addresses go down just before the limit is over, and the services only after them', () => {
  const lvs = serving();
  tickFor(lvs, 10_000);
  lvs.advance(limit - 1);
  expect(lowerings(lvs)).toEqual([]);
  lvs.advance(1);
  expect(lowerings(lvs)).toEqual([{ type: 'lower-addresses', addresses: [vip] }]);
  expect(lvs.table()).toEqual(standingTable);
  expect(lvs.told()).not.toContain('fenced');
  lvs.addressesLowered();
  expect(lvs.told().at(-1)).toBe('fenced');
  expect(lvs.table()).toEqual([]);
});

test('an lvs that is fenced lives on, and the log says what happened', () => {
  const lvs = fenced();
  lvs.advance(60_000);
  expect(exits(lvs)).toEqual([]);
  expect(lvs.state().role).toBe('fenced');
  expect(lvs.logged()).toEqual(
    expect.arrayContaining([
      'no sign of life of pulse: taking down the addresses, then the services',
      'the addresses are down',
      'shutting down virtual service web',
    ]),
  );
});

test('what is fenced does not become active again under the same term: each tick of it is answered', () => {
  const lvs = fenced();
  const before = lvs.told().length;
  const { term } = lvs.state().lifeline;
  tick(lvs, 'active', term);
  tick(lvs, 'active', term);
  expect(lvs.told().slice(before)).toEqual(['fenced', 'fenced']);
  expect(lvs.table()).toEqual([]);
});

test('until pulse is heard again the addresses are taken down once a keepalive: its ip may still bring them up', () => {
  const lvs = fenced();
  const lowered = (): number => lvs.actions.filter(({ type }) => type === 'lower-addresses').length;
  const before = lowered();
  lvs.advance(5000);
  expect(lowered() - before).toBeGreaterThanOrEqual(4);
  tick(lvs, 'standby', 2);
  const after = lowered();
  lvs.advance(60_000);
  expect(lowered()).toBe(after);
});

test('another term means that pulse was inactive meanwhile: it is an order like any other', () => {
  const lvs = fenced();
  tick(lvs, 'active', lvs.state().lifeline.term + 1);
  expect(lvs.state().role).toBe('active');
  expect(lvs.table()).not.toEqual([]);
});

test('a pulse that has noticed orders standby, which is answered, and may order active again', () => {
  const lvs = fenced();
  const before = lvs.told().length;
  tick(lvs, 'standby', 2);
  expect(lvs.told().slice(before)).toEqual(['standing-by']);
  tick(lvs, 'active', 3);
  lvs.up('tcp 10.0.0.100:80/10.0.1.1:80');
  expect(lvs.table()).toEqual(standingTable);
  expect(lvs.state().lifeline.term).toBe(3);
  lvs.advance(limit);
  expect(lowerings(lvs)).toHaveLength(2);
});

test('ticks that come while the addresses go down change nothing', () => {
  const lvs = serving();
  lvs.advance(limit);
  tick(lvs, 'active', 2);
  tick(lvs, 'standby', 2);
  expect(lvs.state().role).toBe('fencing');
  lvs.addressesLowered();
  expect(lvs.told().at(-1)).toBe('fenced');
});

test('a standby needs no ticks', () => {
  const lvs = fakeLvs();
  lvs.configure(`hot_standby = 1\n${file}`);
  lvs.order('standby');
  lvs.advance(600_000);
  expect(lowerings(lvs)).toEqual([]);
  expect(lvs.told()).toEqual(['configured', 'standing-by']);
});

test('from standby to active the time counts anew', () => {
  const lvs = fakeLvs();
  lvs.configure(file);
  lvs.order('standby');
  lvs.advance(600_000);
  lvs.order('active');
  lvs.advance(limit - 1);
  expect(lowerings(lvs)).toEqual([]);
});

test('with hot standby the checks of a fenced lvs go on, and the way back needs no new verdicts', () => {
  const lvs = fenced(`hot_standby = 1\n${file}`);
  expect(lvs.table()).toEqual([]);
  expect(lvs.actions.filter((action) => action.type === 'stop-nanny')).toEqual([]);
  tick(lvs, 'standby');
  expect(lvs.table()).toEqual(standingTable);
});

test('without hot standby the checks of a fenced lvs end', () => {
  expect(fenced().state().nannies.size).toBe(0);
});

test('an lvs that was suspended longer than the limit fences itself whatever it reads first', () => {
  const first: readonly ((lvs: Lvs) => void)[] = [
    tick,
    (lvs) => {
      lvs.send({ type: 'clock', at: lvs.now() });
    },
    (lvs) => {
      lvs.down('tcp 10.0.0.100:80/10.0.1.1:80');
    },
  ];
  for (const event of first) {
    const lvs = serving();
    lvs.sleep(limit);
    event(lvs);
    expect(lowerings(lvs)).toHaveLength(1);
    lvs.addressesLowered();
    expect(lvs.told().at(-1)).toBe('fenced');
  }
});

test('an lvs that was suspended for less goes on with the tick that it finds', () => {
  const lvs = serving();
  lvs.sleep(limit - 1);
  tick(lvs);
  lvs.advance(limit - 1);
  expect(lowerings(lvs)).toEqual([]);
});

test('the timers of a new configuration count at once', () => {
  const lvs = serving();
  lvs.configure(file.replace('deadtime = 5', 'deadtime = 50'));
  lvs.advance(43_999);
  expect(lowerings(lvs)).toEqual([]);
  lvs.advance(1);
  expect(lowerings(lvs)).toHaveLength(1);
});

test('without a partner nobody else raises the addresses: a pulse that hangs changes nothing', () => {
  const lvs = serving(alone);
  lvs.advance(600_000);
  expect(lowerings(lvs)).toEqual([]);
  expect(lvs.table()).toEqual(standingTable);
});

test('an lvs that was started by hand has nobody to wait for', () => {
  const lvs = fakeLvs();
  lvs.configure(file);
  lvs.send({ type: 'started-by-hand', at: lvs.now() });
  lvs.up('tcp 10.0.0.100:80/10.0.1.1:80');
  lvs.advance(600_000);
  expect(lowerings(lvs)).toEqual([]);
  expect(lvs.table()).toEqual(standingTable);
});

test('when pulse is gone an active lvs waits as long as for a tick, takes down addresses, then services, and ends', () => {
  const lvs = serving();
  tickFor(lvs, 10_000);
  lvs.advance(1000);
  parentGone(lvs);
  lvs.advance(limit - 1001);
  expect(lowerings(lvs)).toEqual([]);
  expect(lvs.table()).toEqual(standingTable);
  lvs.advance(1);
  expect(lowerings(lvs)).toHaveLength(1);
  expect(lvs.table()).toEqual(standingTable);
  lvs.addressesLowered();
  expect(lvs.table()).toEqual([]);
  expect(lvs.told()).not.toContain('fenced');
  expect(lvs.actions.at(-1)).toEqual({ type: 'exit', status: 0 });
});

test('another pulse that ticks in time goes on with this lvs', () => {
  const lvs = serving();
  parentGone(lvs);
  lvs.advance(limit - 1);
  tick(lvs, 'active', 7);
  lvs.advance(limit - 1);
  expect(lvs.table()).toEqual(standingTable);
  lvs.advance(1);
  lvs.addressesLowered();
  expect(lvs.told().at(-1)).toBe('fenced');
  expect(exits(lvs)).toEqual([]);
});

test('a router without a partner ends too when pulse is gone and no other comes', () => {
  const lvs = serving(alone);
  lvs.advance(600_000);
  parentGone(lvs);
  lvs.addressesLowered();
  expect(lvs.actions.at(-1)).toEqual({ type: 'exit', status: 0 });
});

test('a pulse that ends while the addresses go down is not waited for', () => {
  const lvs = serving();
  lvs.advance(limit);
  parentGone(lvs);
  lvs.addressesLowered();
  expect(lvs.table()).toEqual([]);
  expect(lvs.actions.at(-1)).toEqual({ type: 'exit', status: 0 });
});

const deadtime = 5000;

test('one that is fenced waits for another pulse as long as deadtime, and keeps the addresses down meanwhile', () => {
  const lvs = fenced();
  parentGone(lvs);
  const before = lowerings(lvs).length;
  lvs.advance(deadtime - 1);
  expect(lowerings(lvs).length).toBeGreaterThan(before);
  expect(exits(lvs)).toEqual([]);
  lvs.advance(1);
  expect(exits(lvs)).toEqual([{ type: 'exit', status: 0 }]);
});

function orphanedStandby(): Lvs {
  const lvs = fakeLvs();
  lvs.configure(`hot_standby = 1\n${file}`);
  lvs.order('standby');
  lvs.up('tcp 10.0.0.100:80/10.0.1.1:80');
  lvs.advance(60_000);
  parentGone(lvs);
  return lvs;
}

test('when pulse is gone a standby waits for another as long as deadtime, then ends and leaves the addresses alone', () => {
  const lvs = orphanedStandby();
  lvs.advance(deadtime - 1);
  expect(lvs.table()).toEqual(standingTable);
  expect(exits(lvs)).toEqual([]);
  lvs.advance(1);
  expect(lowerings(lvs)).toEqual([]);
  expect(lvs.table()).toEqual([]);
  expect(lvs.actions.at(-1)).toEqual({ type: 'exit', status: 0 });
});

const adopt = (lvs: Lvs): void => {
  lvs.send({ type: 'adopted', at: lvs.now() });
};

test('a standby that another pulse adopts in time stays, and tells the new one what it told the old one', () => {
  const lvs = orphanedStandby();
  lvs.advance(deadtime - 1);
  const before = lvs.actions.length;
  adopt(lvs);
  lvs.configure(`hot_standby = 1\n${file}`);
  lvs.order('standby');
  lvs.advance(600_000);
  expect(exits(lvs)).toEqual([]);
  expect(lvs.table()).toEqual(standingTable);
  const told = lvs.actions.slice(before).flatMap((action) => (action.type === 'tell' ? [action.message] : []));
  expect(told).toContainEqual({ type: 'living', count: 1 });
  expect(told).toContainEqual({ type: 'standing-by' });
});

test('an active lvs that another pulse adopts in time goes on without a change of the table', () => {
  const lvs = serving();
  parentGone(lvs);
  lvs.advance(limit - 1);
  const work = lvs.actions.filter((action) => action.type === 'work-on-table' && action.commands.length > 0).length;
  adopt(lvs);
  lvs.configure(file);
  tick(lvs);
  tickFor(lvs, 20_000);
  expect(lowerings(lvs)).toEqual([]);
  expect(lvs.actions.filter((action) => action.type === 'work-on-table' && action.commands.length > 0)).toHaveLength(
    work,
  );
  expect(lvs.told().at(-1)).toBe('ready');
});

test('a pulse that comes too late finds an lvs that fences itself', () => {
  const lvs = serving();
  parentGone(lvs);
  lvs.sleep(limit);
  adopt(lvs);
  expect(lvs.state().role).toBe('fencing');
  lvs.addressesLowered();
  expect(lvs.told().at(-1)).toBe('fenced');
  expect(exits(lvs)).toEqual([]);
});

test('an lvs whose pulse is gone and that is told to stop takes the addresses down first', () => {
  const lvs = serving();
  parentGone(lvs);
  stop(lvs);
  expect(lowerings(lvs)).toHaveLength(1);
  expect(lvs.table()).toEqual(standingTable);
  lvs.addressesLowered();
  expect(lvs.table()).toEqual([]);
  expect(lvs.actions.at(-1)).toEqual({ type: 'exit', status: 0 });
});

test('an lvs with a pulse that is told to stop leaves the addresses to it', () => {
  const lvs = serving();
  stop(lvs);
  expect(lowerings(lvs)).toEqual([]);
  expect(lvs.table()).toEqual([]);
});

test('ticks are answered once a keepalive, also while the addresses go down', () => {
  const lvs = serving();
  const before = lvs.signsOfLife();
  tickFor(lvs, 10_000);
  expect(lvs.signsOfLife() - before).toBe(10);
  lvs.advance(limit);
  const fencing = lvs.signsOfLife();
  tick(lvs);
  expect(lvs.state().role).toBe('fencing');
  expect(lvs.signsOfLife() - fencing).toBe(1);
});

test('with a slow keepalive they are answered once a second', () => {
  const lvs = serving(file.replace('keepalive = 1\ndeadtime = 5', 'keepalive = 10\ndeadtime = 50'));
  const before = lvs.signsOfLife();
  tickFor(lvs, 10_000);
  expect(lvs.signsOfLife() - before).toBe(10);
});

test('an order to stop while the addresses go down is carried out when they are down', () => {
  const lvs = serving();
  lvs.advance(limit);
  stop(lvs);
  stop(lvs);
  expect(exits(lvs)).toEqual([]);
  expect(lvs.logged().filter((line) => line.includes('signal 15'))).toHaveLength(1);
  lvs.addressesLowered();
  expect(lvs.told()).not.toContain('fenced');
  expect(lvs.actions.at(-1)).toEqual({ type: 'exit', status: 0 });
});

test('a configuration that comes while lvs fences itself is not lost', () => {
  const lvs = serving();
  lvs.advance(limit);
  lvs.configure(file.replace('port = 80', 'port = 81'));
  lvs.addressesLowered();
  tick(lvs, 'standby');
  tick(lvs, 'active');
  expect(lvs.table()).toEqual(['-A -t 10.0.0.100:81 -s wlc']);
});

test('addresses that do not go down are tried three times; then the services go, and lvs, and nobody is told otherwise', () => {
  const lvs = serving();
  lvs.advance(limit);
  lvs.addressesLowered('ip was killed');
  lvs.addressesLowered('ip was killed');
  expect(lowerings(lvs)).toHaveLength(3);
  expect(exits(lvs)).toEqual([]);
  lvs.addressesLowered('ip was killed');
  expect(lvs.told()).not.toContain('fenced');
  expect(lvs.table()).toEqual([]);
  expect(lvs.actions.at(-1)).toEqual({ type: 'exit', status: 0 });
});

test('each time of fencing has its own tries', () => {
  const lvs = serving();
  lvs.advance(limit);
  lvs.addressesLowered('ip was killed');
  lvs.addressesLowered('ip was killed');
  lvs.addressesLowered();
  tick(lvs, 'standby');
  tick(lvs, 'active');
  lvs.advance(limit);
  lvs.addressesLowered('ip was killed');
  expect(exits(lvs)).toEqual([]);
  expect(lowerings(lvs)).toHaveLength(5);
});
