// The rules of the pair with the installed programs: orders, keys, forged heartbeats, one direction cut.
import { beforeAll, describe, expect, jest } from '@jest/globals';
import { test } from './row.ts';
import type { Sightings } from './run-scenarios.ts';
import { runScenariosInNamespaces } from './run-scenarios.ts';
import { withPatience } from './inside/patience.ts';

jest.setTimeout(1_200_000);

let seen: Sightings;

beforeAll(async () => {
  seen = await runScenariosInNamespaces('switch', 'keys', 'mute', 'ipv6-heartbeat');
});

test('heartbeats by IPv6: both routers hear each other as neighbours, and one takes over from the other', () => {
  expect(seen.of('ipv6-heartbeat')).toEqual({ owners: [true, false], alarms: [null, null], far: [0, 0] });
});

describe('lvsctl switch', () => {
  test('is refused while nobody is there to take over, and says why', () => {
    const { early } = seen.of('switch');
    expect(early).toMatchObject({ code: 1, stderr: expect.stringMatching(/do not hear each other/) });
  });

  test.each(['there', 'back'] as const)('%s: the other router serves at once, and no new request fails', (way) => {
    const { said, outageMs, lost, broken, owners } = seen.of('switch')[way];
    expect(said).toMatchObject({ code: 0 });
    expect(owners).toEqual({ from: false, to: true });
    expect(lost).toBe(0);
    // In flight just then: without a sync daemon the other router does not know the connection.
    expect(broken).toBeLessThanOrEqual(2);
    // 150 to 300 ms as a rule; the guest has hiccups of its own.
    expect(outageMs).toBeLessThan(withPatience(1500));
  });

  test('no router has the address before the other has let go', () => {
    expect(seen.of('switch').moves.map(({ router, has }) => `${router} ${has ? 'has it' : 'lost it'}`)).toEqual([
      'r2 has it',
      'r2 lost it',
      'r1 has it',
    ]);
  });

  test('tells that an operator placed the service', () => {
    expect(seen.of('switch').back.status).toMatch(/operator/);
  });
});

describe('one direction cut', () => {
  test('the router that is not heard lets go of the address soon after the deaf one has taken it', () => {
    const { bothMs, whileCut } = seen.of('switch').oneWay;
    expect(whileCut.owners).toEqual([false, true]);
    // A keepalive, and what `ip` and the looking take.
    expect(bothMs).toBeLessThan(withPatience(3000));
  });

  test('after it one router owns the address and serves', () => {
    const { owners, last } = seen.of('switch').oneWay;
    expect(owners.filter(Boolean)).toHaveLength(1);
    expect(last.type).toBe('answered');
  });
});

describe('an owner without its own addresses for longer than deadtime', () => {
  test('lets go, and the other router takes over: no two owners', () => {
    const { bothMs, away, alarm } = seen.of('mute');
    // A moment of the kernel's and of our looking.
    expect(bothMs).toBeLessThan(withPatience(200));
    expect(away).toEqual([false, true]);
    expect(alarm).toMatch(/no heartbeat can be sent on any network/);
  });

  test('stays the standby when it has them back', () => {
    expect(seen.of('mute').back).toEqual([false, true]);
  });
});

describe('a key for the heartbeat', () => {
  test('that others can read is refused with its path, and all goes on', () => {
    for (const line of seen.of('keys').migrated.unreadable) {
      expect(line).toMatch(/heartbeat_key_file \/etc\/sysconfig\/ha\/heartbeat\.key: .*chmod 600/);
    }
  });

  test('comes to both routers, one after the other, without a failed request or another owner', () => {
    const { owners, failed, authenticated } = seen.of('keys').migrated;
    expect(owners).toEqual([true, false]);
    expect(failed).toBe(0);
    expect(authenticated).toEqual([true, true]);
  });

  test('makes forged and recorded heartbeats worthless; they are counted by reason', () => {
    const { owners, failed, refused, recorded, lengths } = seen.of('keys').forged;
    expect(recorded).toBeGreaterThan(1);
    expect(lengths).toEqual([84]);
    expect(owners).toEqual([true, false]);
    expect(failed).toBe(0);
    expect(refused['bare-under-require']).toBeGreaterThanOrEqual(15);
    expect(refused['unsigned']).toBeGreaterThanOrEqual(5);
    expect(refused['wrong-signature']).toBeGreaterThanOrEqual(5);
    expect(refused['old-sequence']).toBeGreaterThanOrEqual(recorded);
    expect(refused['retired-session']).toBeGreaterThanOrEqual(recorded);
  });
});
