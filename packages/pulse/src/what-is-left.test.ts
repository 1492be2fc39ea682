import { describe, expect, test } from '@jest/globals';
import { seconds } from '@piranha/domain';
import type { LvsStanding } from '@piranha/protocol';
import { lifelineLimit } from '@piranha/protocol';
import { settings, vip } from './fake-router.ts';
import { whatIsLeft } from './what-is-left.ts';

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
