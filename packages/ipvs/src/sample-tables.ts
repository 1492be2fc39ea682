// Tables for tests: written out as ipvsadm prints them, or made at random.
import type { IpAddress } from '@piranha/domain';
import { asPort, parseIpAddress } from '@piranha/domain';
import fc from 'fast-check';
import { parseSaved } from './parse-saved.ts';
import type { Destination, Service, ServiceIdentity, Table } from './table.ts';
import { destinationKey, serviceKey } from './table.ts';

/** The table that these lines of `ipvsadm -S -n` describe. */
export function tableOf(...lines: readonly string[]): Table {
  const { table, unknown } = parseSaved(lines.join('\n'));
  if (unknown.length > 0) throw new Error(`not a saved table: ${unknown.join('; ')}`);
  return table;
}

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
export const anyTable: fc.Arbitrary<Table> = fc
  .array(anyService, { maxLength: 5 })
  .map((services) => new Map(services.map((each) => [serviceKey(each.identity), each])));
