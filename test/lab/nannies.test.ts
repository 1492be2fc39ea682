// Nannies, parts that are killed, and what an administrator orders of servers: on a real IPVS kernel, with the installed suite.
import { beforeAll, describe, expect, jest } from '@jest/globals';
import { natTable } from './nat-table.ts';
import { test } from './row.ts';
import type { Sightings } from './run-scenarios.ts';
import { runScenarios } from './run-scenarios.ts';
import { withPatience } from './inside/patience.ts';

jest.setTimeout(1_200_000);

let seen: Sightings;

beforeAll(async () => {
  seen = await runScenarios('orders', 'killed');
});

const one = '10.2.0.11:80';
const two = '10.2.0.12:80';

describe('a server that is drained under a download', () => {
  test('has weight 0, gets no new request, and keeps its download', () => {
    const { order, draining, shown, goesOn, newOnes, ended } = seen.of('orders').drain;
    expect(order).toMatchObject({ code: 0, stderr: '' });
    expect(draining).toEqual({ [one]: 0, [two]: 1 });
    expect(shown).toEqual([`s1 ${one} up, draining`, `s2 ${two} up`]);
    expect([goesOn, ended.same]).toEqual([true, true]);
    expect(Object.keys(newOnes)).toEqual(['s2']);
  });

  test('goes on to drain after a reload and after a kill -9 of lvs, without a failed request', () => {
    const { afterDeath, failures } = seen.of('orders').drain;
    expect(afterDeath).toEqual({ [one]: 0, [two]: 1 });
    expect(failures).toBe(0);
  });

  test('leaves the table with its last connection, and stays out over a restart of everything', () => {
    const { drained, shownDrained, afterRestart } = seen.of('orders').drain;
    expect(drained).toEqual({ [two]: 1 });
    expect(shownDrained).toEqual([`s1 ${one} up, drained`, `s2 ${two} up`]);
    expect(afterRestart).toEqual({ weights: { [two]: 1 }, states: shownDrained });
  });

  test('comes back when it is told to', () => {
    expect(seen.of('orders').drain).toMatchObject({ undrain: { code: 0 }, back: { [one]: 2, [two]: 1 } });
  });

  test('leaves with its connections when its time is over', () => {
    expect(seen.of('orders').limited).toBeGreaterThan(2900);
  });
});

describe('a forced server', () => {
  test('is out while it is well, and in while it is dead, and status says both', () => {
    const { down, up } = seen.of('orders').force;
    expect(down).toEqual({ weights: { [two]: 1 }, states: [`s1 ${one} up, forced down`, `s2 ${two} up`] });
    expect(up).toEqual({ weights: { [one]: 2, [two]: 1 }, states: [`s1 ${one} down, forced up`, `s2 ${two} up`] });
  });

  test('that is not in the file is said to be none', () => {
    const { code, stderr } = seen.of('orders').force.unknown;
    expect(code).toBe(1);
    expect(stderr).toContain('no active real server of web is called "s9"; there are s1, s2');
  });

  test('may be forced by a signal to its nanny, and is released by another', () => {
    const { usr1, weights, usr2, hup } = seen.of('orders').signals;
    expect(usr1).toContain(`s1 ${one} up, forced down`);
    expect(weights).toEqual({ [two]: 1 });
    expect(usr2).toContain(`s1 ${one} up, forced up`);
    expect(hup).toContain(`s1 ${one} up`);
  });
});

test('a nanny that hangs is replaced; meanwhile its server stays, and then it is checked again', () => {
  const { kept, noticed, gone, took } = seen.of('orders').hanging;
  expect(kept).toEqual({ [one]: 2, [two]: 1 });
  expect(noticed).toEqual({ [one]: 2 });
  expect(gone).toBe(true);
  expect(took).toBeLessThan(withPatience(20_000));
});

describe('parts that are killed', () => {
  test.each(['nanny', 'send_arp', 'lvsd'])(
    'kill -9 of %s: it is started again, nothing leaves the table, no request fails',
    (part) => {
      const { parts } = seen.of('killed');
      expect(parts[part]).toMatchObject({ failed: 0, owner: true, table: natTable });
      expect(parts[part]?.back).toBe(parts[part]?.killed);
    },
  );

  test('the log says what happened to each, ipvsadm included', () => {
    const log = seen.of('killed').lines.join('\n');
    expect(log).toMatch(/nanny.*killed by SIGKILL/);
    expect(log).toMatch(/send_arp was killed by SIGKILL/);
    expect(log).toMatch(/pulse: lvs was killed by SIGKILL/);
    expect(log).toMatch(/ipvsadm.*SIGKILL/);
  });

  test('when pulse itself is killed its lvs takes addresses and services down, and the partner serves', () => {
    const { afterPulse } = seen.of('killed');
    expect(afterPulse.table).toEqual([]);
    expect(afterPulse.answered.type).toBe('answered');
  });
});
