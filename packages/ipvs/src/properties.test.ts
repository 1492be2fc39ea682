// What holds for every table.
import { expect, test } from '@jest/globals';
import type { Configuration, RealServer, VirtualServer } from '@piranha/config';
import { configurationFromText } from '@piranha/config';
import type { IpAddress } from '@piranha/domain';
import { asPort, parseIpAddress } from '@piranha/domain';
import fc from 'fast-check';
import { applyCommands } from './model-kernel.ts';
import { parseSaved } from './parse-saved.ts';
import { plan } from './plan.ts';
import type { TableCommand } from './restore-lines.ts';
import { restoreLine } from './restore-lines.ts';
import type { Destination, Service, ServiceIdentity, ServiceKey, Table } from './table.ts';
import { destinationKey, emptyTable, serviceKey } from './table.ts';
import type { Health, ServerId } from './wanted.ts';
import { serverId, wantedTable } from './wanted.ts';

/** Few enough of everything that random tables overlap. */
const anyAddress = fc.constantFrom('10.0.0.1', '10.0.0.2', '2001:db8::1').map((text): IpAddress => {
  const address = parseIpAddress(text);
  if (address === undefined) throw new Error(`not an address: ${text}`);
  return address;
});
const anyPort = fc.constantFrom(asPort(80) ?? never(), asPort(443) ?? never());
function never(): never {
  throw new Error('not a port');
}

const anyIdentity: fc.Arbitrary<ServiceIdentity> = fc.oneof(
  fc.record({ type: fc.constantFrom('tcp' as const, 'udp' as const), address: anyAddress, port: anyPort }),
  fc.record({
    type: fc.constant('fwmark' as const),
    mark: fc.constantFrom(1, 2, 4294967295),
    family: fc.constantFrom(4 as const, 6 as const),
  }),
);

const anyDestination: fc.Arbitrary<Destination> = fc.record({
  address: anyAddress,
  port: anyPort,
  method: fc.constantFrom('nat' as const, 'direct' as const, 'tunnel' as const),
  weight: fc.nat(3),
  thresholds: fc.record({ upper: fc.integer({ min: 1, max: 3 }), lower: fc.nat(2) }),
  tunnel: fc.constantFrom([], ['--tun-type', 'gue', '--tun-port', '6080', '--tun-nocsum']),
});

const anyService: fc.Arbitrary<Service> = fc
  .record({
    identity: anyIdentity,
    scheduler: fc.constantFrom('rr', 'sh'),
    schedulerFlags: fc.constantFrom([], ['sh-fallback'], ['sh-fallback', 'sh-port']),
    persistent: fc.constantFrom(undefined, 300),
    persistentPrefix: fc.constantFrom(undefined, 24),
    onePacket: fc.boolean(),
    engine: fc.constantFrom(undefined, 'sip'),
    destinations: fc.array(anyDestination, { maxLength: 4 }),
  })
  .map((service) => ({
    ...service,
    destinations: new Map(service.destinations.map((each) => [destinationKey(each), each])),
  }));

/** Any table; thresholds are always known in it. */
const anyTable: fc.Arbitrary<Table> = fc
  .array(anyService, { maxLength: 5 })
  .map((services) => new Map(services.map((each) => [serviceKey(each.identity), each])));

const format = (table: Table): string[] => plan(emptyTable, table, new Set()).map(restoreLine);

const without = (table: Table, keys: { has: (key: ServiceKey) => boolean }): Table =>
  new Map([...table].filter(([key]) => !keys.has(key)));
const only = (table: Table, keys: { has: (key: ServiceKey) => boolean }): Table =>
  new Map([...table].filter(([key]) => keys.has(key)));

test('a plan turns any table into any other', () => {
  fc.assert(
    fc.property(anyTable, anyTable, (actual, wanted) => {
      const owned = new Set([...actual.keys(), ...wanted.keys()]);
      expect(applyCommands(actual, plan(actual, wanted, owned))).toEqual(wanted);
    }),
  );
});

test('where nothing is to be done the plan is empty', () => {
  fc.assert(
    fc.property(anyTable, (table) => {
      expect(plan(table, table, new Set(table.keys()))).toEqual([]);
    }),
  );
});

test('a service that is neither wanted nor ours is never touched', () => {
  fc.assert(
    fc.property(anyTable, anyTable, (actual, wanted) => {
      const after = applyCommands(actual, plan(actual, wanted, new Set()));
      expect(only(after, wanted)).toEqual(wanted);
      expect(without(after, wanted)).toEqual(without(actual, wanted));
    }),
  );
});

test('additions come first, services before their servers, and deletions last', () => {
  fc.assert(
    fc.property(anyTable, anyTable, (actual, wanted) => {
      const commands = plan(actual, wanted, new Set([...actual.keys(), ...wanted.keys()]));
      const letters = commands.map((command) => restoreLine(command).slice(0, 2));
      const order = ['-A', '-a', '-E', '-e', '-d', '-D'];
      const ranks = letters.map((letter) => order.indexOf(letter));
      expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
    }),
  );
});

test('what is written is read again as the same table', () => {
  fc.assert(
    fc.property(anyTable, (table) => {
      expect(parseSaved(format(table).join('\n'))).toEqual({ table, unknown: [] });
    }),
  );
});

test('no text at all makes the reader fail', () => {
  const anyWord = fc.oneof(
    fc.constantFrom('-A', '-a', '-t', '-u', '-f', '-s', '-p', '-M', '-r', '-w', '-6', '10.0.0.1:80', '[::1]:80', '5'),
    fc.string(),
  );
  const anyText = fc.array(fc.array(anyWord).map((words) => words.join(' '))).map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(anyText, (text) => {
      const { table } = parseSaved(text);
      expect(applyCommands(emptyTable, plan(emptyTable, table, new Set()))).toEqual(table);
    }),
  );
});

const keyOfCommand = (command: TableCommand): string => {
  const service = serviceKey('service' in command ? command.service.identity : command.identity);
  return 'destination' in command ? `${service} ${destinationKey(command.destination)}` : service;
};

test('no service and no server is named twice: never deleted and added', () => {
  fc.assert(
    fc.property(anyTable, anyTable, (actual, wanted) => {
      const keys = plan(actual, wanted, new Set([...actual.keys(), ...wanted.keys()])).map(keyOfCommand);
      expect(keys).toEqual([...new Set(keys)]);
    }),
  );
});

test('what is in both tables alike is not named, and what is in both is only edited', () => {
  fc.assert(
    fc.property(anyTable, anyTable, (actual, wanted) => {
      const [before, after] = [new Set(format(actual)), new Set(format(wanted))];
      const lines = plan(actual, wanted, new Set(actual.keys())).map(restoreLine);
      const edits = lines
        .filter((line) => /^-[Ee]/.test(line))
        .map((line) => line.replace('-E', '-A').replace('-e', '-a'));
      expect(edits.filter((line) => before.has(line) || !after.has(line))).toEqual([]);
      const additions = lines.filter((line) => /^-[Aa]/.test(line));
      expect(additions.filter((line) => before.has(line) || !after.has(line))).toEqual([]);
    }),
  );
});

test('a plan that was carried out half way is made whole by the next one', () => {
  fc.assert(
    fc.property(anyTable, anyTable, fc.nat(20), (actual, wanted, done) => {
      const owned = new Set([...actual.keys(), ...wanted.keys()]);
      const halfWay = applyCommands(actual, plan(actual, wanted, owned).slice(0, done));
      expect(applyCommands(halfWay, plan(halfWay, wanted, owned))).toEqual(wanted);
    }),
  );
});

const anyMethod = fc.constantFrom('nat' as const, 'direct' as const, 'tunnel' as const);

const anyRealServer: fc.Arbitrary<RealServer> = fc.record({
  name: fc.string(),
  active: fc.boolean(),
  address: anyAddress,
  port: anyPort,
  forwardPort: anyPort,
  weight: fc.nat(2),
  network: anyMethod,
  upper: fc.nat(2),
  lower: fc.nat(2),
});

/** What a file says where it says nothing. */
function plainFile(): { readonly plain: Configuration; readonly plainVirtual: VirtualServer } {
  const loaded = configurationFromText('lvs.cf', 'virtual v {\n}', {});
  const [plainVirtual] = loaded.ok ? loaded.value.configuration.virtualServers : [];
  if (!loaded.ok || plainVirtual === undefined) throw new Error('an empty block is not read');
  return { plain: loaded.value.configuration, plainVirtual };
}
const { plain, plainVirtual } = plainFile();

/** Any services at all, those too that no file may have: two that are one, servers of another IP version. */
const anyConfiguration: fc.Arbitrary<Configuration> = fc
  .array(
    fc.record({
      active: fc.boolean(),
      address: anyAddress,
      port: anyPort,
      protocol: fc.constantFrom('tcp' as const, 'udp' as const),
      fwmark: fc.constantFrom(undefined, 1, 2),
      scheduler: fc.constantFrom('rr' as const, 'sh' as const, 'mh' as const),
      schedulerFlags: fc.subarray(['sh-fallback', 'flag-1', 'flag-2', 'flag-3']),
      persistent: fc.constantFrom(undefined, 60),
      persistentPrefix: fc.constantFrom(undefined, 1, 24, 32),
      network: anyMethod,
      sorryServer: fc.option(anyAddress, { nil: undefined }),
      quiesceServer: fc.boolean(),
      // The kernel may not keep a server's port: two of one address can be one to it, which no file may have.
      servers: fc.uniqueArray(anyRealServer, { maxLength: 3, selector: ({ address }) => address }),
    }),
    { maxLength: 4 },
  )
  .map((blocks) => ({
    ...plain,
    virtualServers: blocks.map(({ address, ...block }) => ({
      ...{ ...plainVirtual, ...block },
      vip: { ...plainVirtual.vip, address },
    })),
  }));

const anyHealth = (configuration: Configuration): fc.Arbitrary<ReadonlyMap<ServerId, Health>> => {
  const servers = configuration.virtualServers.flatMap((virtual) =>
    virtual.servers.map((each) => serverId(virtual, each)),
  );
  const words = fc.array(fc.constantFrom<Health>('unknown', 'up', 'down'), {
    minLength: servers.length,
    maxLength: servers.length,
  });
  return words.map((list) => new Map(servers.map((server, index) => [server, list[index] ?? 'unknown'])));
};

const anyMoment = anyConfiguration.chain((configuration) =>
  fc.record({ configuration: fc.constant(configuration), health: anyHealth(configuration), found: anyTable }),
);

test('any configuration has a table, whatever is known of its servers and whatever is there', () => {
  fc.assert(
    fc.property(anyMoment, ({ configuration, health, found }) => {
      const table = wantedTable(configuration, health, found);
      expect(parseSaved(format(table).join('\n')).unknown).toEqual([]);
      const active = configuration.virtualServers.filter((virtual) => virtual.active);
      expect(table.size).toBeLessThanOrEqual(active.length);
      expect(table.size > 0).toBe(active.length > 0);
    }),
  );
});

test('a table that is as it should be stays so', () => {
  fc.assert(
    fc.property(anyMoment, ({ configuration, health, found }) => {
      const table = wantedTable(configuration, health, found);
      const again = wantedTable(configuration, health, table);
      expect(plan(table, again, new Set(table.keys())).map(restoreLine)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
