// What holds for every table.
import { expect, test } from '@jest/globals';
import type { IpAddress } from '@piranha/domain';
import { asPort, parseIpAddress } from '@piranha/domain';
import fc from 'fast-check';
import { applyCommands } from './model-kernel.ts';
import { parseSaved } from './parse-saved.ts';
import { plan } from './plan.ts';
import { restoreLine } from './restore-lines.ts';
import type { Destination, Service, ServiceIdentity, ServiceKey, Table } from './table.ts';
import { destinationKey, emptyTable, serviceKey } from './table.ts';

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
    mark: fc.integer({ min: 1, max: 2 }),
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
