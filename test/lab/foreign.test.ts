// What pulse has not raised stays, and what it has raised goes, wherever that is: with real programs and a real kernel's addresses.
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Sightings } from './run-scenarios.ts';
import { runScenariosInNamespaces } from './run-scenarios.ts';

jest.setTimeout(600_000);

let sightings: Sightings;

beforeAll(async () => {
  sightings = await runScenariosInNamespaces('foreign-nat-hot', 'foreign-direct-cold');
});

describe.each(['foreign-nat-hot', 'foreign-direct-cold'] as const)('%s', (name) => {
  test('after a restart of the network the own address comes first, checks begin from it, and all servers live', () => {
    const { order, own, living, owner } = sightings.of(name).restarted;
    expect(order[0]).toBe(own);
    expect({ living, owner }).toEqual({ living: 2, owner: true });
  });

  test('a virtual address that somebody adds to the standby is an alarm on both routers', () => {
    const { standby, owner } = sightings.of(name).standby;
    expect(standby).toMatch(/this router is inactive, and answers for 10\.1\.0\.100 all the same/);
    expect(owner).toMatch(/the backup answers for 10\.1\.0\.100, too/);
  });

  test('an own address that follows the virtual one does not go with it', () => {
    expect(sightings.of(name).stopped).toEqual({ own: true, floating: false });
  });

  test('an address on an interface that got another name goes with the service', () => {
    expect(sightings.of(name).renamed).toEqual({ left: false });
  });

  test('an address that stood before is used, told once, and stays as it is', () => {
    const { log, label } = sightings.of(name).permanent;
    expect(log.filter((line) => line.includes('it is used as it is'))).toHaveLength(1);
    expect(label).toBe('eth0');
  });

  test('where the own network is wider than the mask of the virtual address checks begin from the own one all the same', () => {
    expect(sightings.of(name).wider).toEqual({ source: '10.1.0.2', again: '10.1.0.2', had: true });
  });
});
