import { describe, expect, test } from '@jest/globals';
import type { LvsStanding } from '@piranha/protocol';
import { settings, vip } from './fake-router.ts';
import { whatIsLeft } from './what-is-left.ts';

const standing: LvsStanding = { type: 'standing', pid: 7, role: 'active', term: 3, held: true, digest: 'd' };
const nobody = { recall: () => undefined };
const up = [
  { name: 'eth0', up: true, running: true, mac: undefined, addresses: [{ ...vip, prefix: 24, expires: false }] },
];
const found = { settings, interfaces: [], ownership: nobody, now: 5000 };

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
