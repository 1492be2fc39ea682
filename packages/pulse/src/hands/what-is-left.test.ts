import { describe, expect, test } from '@jest/globals';
import { configurationFromText } from '@piranha/config';
import type { IpAddress } from '@piranha/domain';
import { seconds } from '@piranha/domain';
import type { LvsStanding } from '@piranha/protocol';
import { lifelineLimit } from '@piranha/protocol';
import { pair } from '../testing/fake-file.ts';
import { settings, vip } from '../testing/fake-router.ts';
import { somebodyServes, whatIsLeft } from './what-is-left.ts';

const standing: LvsStanding = { type: 'standing', pid: 7, role: 'active', term: 3, held: true, digest: 'd' };
const nobody = { recall: () => undefined };
const up = [
  {
    name: 'eth0',
    up: true,
    running: true,
    mac: undefined,
    addresses: [{ ...vip, prefix: 24, expires: false }],
  },
];
const found = { settings, kept: undefined, interfaces: [], ownership: nobody, now: 5000 };

describe('an lvs that was active when it was asked', () => {
  test('serves while it need not fence itself yet', () => {
    const lvs = { standing: { ...standing, fencesAt: 5001 } };
    expect(whatIsLeft({ ...found, lvs })).toEqual({ lives: true, serves: true, fenced: false, term: 3, held: true });
  });

  test('does not when it had to meanwhile: this pulse was slow, or asleep', () => {
    const lvs = { standing: { ...standing, fencesAt: 5000 } };
    expect(whatIsLeft({ ...found, lvs })).toMatchObject({ serves: false, fenced: true });
  });

  test('serves where it never fences itself', () => {
    expect(whatIsLeft({ ...found, lvs: { standing } })).toMatchObject({ serves: true });
  });
});

test.each(['fencing', 'fenced'] as const)('an lvs that is %s serves nobody', (role) => {
  expect(whatIsLeft({ ...found, lvs: { standing: { ...standing, role } } })).toMatchObject({
    ...{ serves: false, fenced: true },
  });
});

test('without an lvs a short memory counts, where the addresses are still up', () => {
  const ownership = { recall: () => ({ term: 3, held: false }) };
  expect(whatIsLeft({ ...found, lvs: undefined, ownership })).toBeUndefined();
  expect(whatIsLeft({ ...found, lvs: undefined, ownership, interfaces: up })).toMatchObject({
    ...{ lives: false, serves: true, term: 3 },
  });
  expect(whatIsLeft({ ...found, lvs: undefined, interfaces: up })).toBeUndefined();
});

test('that memory is no longer than the partner waited before this start, whatever the file says now', () => {
  const asked: number[] = [];
  const recall = (limit: number): undefined => void asked.push(limit);
  const kept = { keepalive: settings.keepalive, deadtime: seconds(18), shortest: settings.deadtime };
  const long = { ...settings, deadtime: seconds(18) };
  whatIsLeft({ ...found, settings: long, kept, lvs: undefined, ownership: { recall } });
  expect(asked).toEqual([lifelineLimit(settings)]);
});

describe('whether somebody serves at the start', () => {
  const loaded = configurationFromText('f', `${pair}virtual v {\nactive = 1\naddress = 10.1.0.100 eth0:1\n}\n`, {});
  if (!loaded.ok) throw new Error('the file was refused');
  const { configuration } = loaded.value;

  const eth0 = (...addresses: readonly string[]) => ({
    ...{ name: 'eth0', up: true, running: true, mac: undefined },
    addresses: addresses.map((address) => ({ address: address as IpAddress, prefix: 32, expires: false })),
  });
  const timers = { recall: () => undefined };

  test.each([
    ['an lvs lives', 1, [], undefined, true],
    ['the address stands and its owner spoke a moment ago', 0, ['10.1.0.100'], { term: 3, held: false }, true],
    ['the address stands', 0, ['10.1.0.100'], undefined, false],
    ['the owner spoke a moment ago', 0, [], { term: 3, held: false }, false],
  ])('%s', (_, living, addresses, owned, serves) => {
    const memories = { ownership: { recall: () => owned }, timers };
    const livingLvs = () => new Array<number>(living).fill(1);
    expect(somebodyServes(configuration, [eth0('10.1.0.2', ...addresses)], memories, livingLvs)).toBe(serves);
  });

  test('is judged by the same timers as what this pulse then takes over', () => {
    const kept = { keepalive: settings.keepalive, deadtime: seconds(18), shortest: settings.deadtime };
    const asked: number[] = [];
    const ownership = { recall: (limit: number): undefined => void asked.push(limit) };
    const long = { ...configuration, keepalive: settings.keepalive, deadtime: seconds(18) };
    const interfaces = [eth0('10.1.0.100')];
    somebodyServes(long, interfaces, { ownership, timers: { recall: () => kept } }, () => []);
    whatIsLeft({ ...found, settings: { ...settings, deadtime: seconds(18) }, kept, lvs: undefined, ownership });
    expect(asked).toEqual([lifelineLimit(settings), lifelineLimit(settings)]);
  });
});
