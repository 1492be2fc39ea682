// Reads what `ipvsadm -S -n` prints. Total: a line that says nothing to us is handed back, never a reason to fail.
import type { IpAddress, IpFamily, Port } from '@piranha/domain';
import { asPort, familyOf, parseIpAddress, prefixOfMask } from '@piranha/domain';
import { isIpv6 } from './restore-lines.ts';
import type { Destination, DestinationKey, Service, ServiceIdentity, ServiceKey, Table } from './table.ts';
import { destinationKey, serviceKey } from './table.ts';

/** The table, and the lines that are about something this suite does not know (SCTP services for example). */
export type SavedTable = { readonly table: Table; readonly unknown: readonly string[] };

/** A line's options; `true` for one without a value. What stands behind `-f` is its value, though it begin with `-`. */
type Options = ReadonlyMap<string, string | true>;
type WritableService = Service & { readonly destinations: Map<DestinationKey, Destination> };

/** Reads the whole output. */
export function parseSaved(text: string): SavedTable {
  const table = new Map<ServiceKey, WritableService>();
  const unknown: string[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() !== '' && !readLine(table, line)) unknown.push(line);
  }
  return { table, unknown };
}

function readLine(table: Map<ServiceKey, WritableService>, line: string): boolean {
  const options = readOptions(line);
  const identity = readIdentity(options);
  if (identity === undefined) return false;
  const key = serviceKey(identity);
  if (options.has('-A')) {
    const service = readService(identity, options);
    if (service === undefined || table.has(key)) return false;
    table.set(key, service);
    return true;
  }
  const destination = options.has('-a') ? readDestination(options) : undefined;
  const service = table.get(key);
  if (destination === undefined || service === undefined) return false;
  service.destinations.set(destinationKey(destination), destination);
  return true;
}

function readOptions(line: string): Options {
  const options = new Map<string, string | true>();
  let last = '';
  for (const word of line.trim().split(/\s+/)) {
    const isValue = !word.startsWith('-') || (last === '-f' && options.get(last) === true);
    if (isValue) options.set(last, word);
    else options.set((last = word), true);
  }
  return options;
}

const onlyKnown = (options: Options, known: ReadonlySet<string>): boolean =>
  [...options.keys()].every((name) => known.has(name) || name.startsWith('--tun-'));

function readIdentity(options: Options): ServiceIdentity | undefined {
  const mark = readMark(options.get('-f'));
  if (mark !== undefined) return { type: 'fwmark', mark, family: options.has('-6') ? 6 : 4 };
  const type = options.has('-t') ? 'tcp' : 'udp';
  const place = readEndpoint(options.get('-t') ?? options.get('-u'));
  return place === undefined ? undefined : { type, ...place };
}

const serviceOptions = new Set(['-A', '-t', '-u', '-f', '-6', '-s', '-p', '-M', '-b', '-o', '--pe']);

function readService(identity: ServiceIdentity, options: Options): WritableService | undefined {
  const scheduler = options.get('-s');
  const engine = options.get('--pe');
  const flags = options.get('-b');
  if (typeof scheduler !== 'string' || !onlyKnown(options, serviceOptions)) return undefined;
  return {
    identity,
    scheduler,
    schedulerFlags: typeof flags === 'string' ? flags.split(',').sort() : [],
    persistent: readCount(options.get('-p')),
    persistentPrefix: readPrefix(options.get('-M'), isIpv6(identity) ? 6 : 4),
    onePacket: options.has('-o'),
    engine: typeof engine === 'string' ? engine : undefined,
    destinations: new Map(),
  };
}

const destinationOptions = new Set(['-a', '-t', '-u', '-f', '-6', '-r', '-m', '-g', '-i', '-w', '-x', '-y']);

function readDestination(options: Options): Destination | undefined {
  const place = readEndpoint(options.get('-r'));
  const weight = readCount(options.get('-w'));
  if (place === undefined || weight === undefined || !onlyKnown(options, destinationOptions)) return undefined;
  const thresholds = { upper: readCount(options.get('-x')) ?? 0, lower: readCount(options.get('-y')) ?? 0 };
  return {
    ...place,
    method: options.has('-m') ? 'nat' : options.has('-i') ? 'tunnel' : 'direct',
    weight,
    thresholds: options.has('-x') || options.has('-y') ? thresholds : undefined,
    tunnel: readTunnel(options),
  };
}

/** ipvsadm prints the type of a plain tunnel, too. */
function readTunnel(options: Options): readonly string[] {
  const words = [...options].filter(([name]) => name.startsWith('--tun-')).flatMap(tunnelWords);
  return words.join(' ') === '--tun-type ipip' ? [] : words;
}

const tunnelWords = ([name, value]: readonly [string, string | true]): string[] =>
  value === true ? [name] : [name, value];

const wholeNumber = /^\d{1,10}$/;

const readCount = (word: string | true | undefined): number | undefined =>
  typeof word === 'string' && wholeNumber.test(word) ? Number(word) : undefined;

/** A firewall mark; ipvsadm prints those above 2147483647 as negative numbers. */
export function readMark(word: string | true | undefined): number | undefined {
  if (typeof word !== 'string' || !/^-?\d{1,10}$/.test(word)) return undefined;
  const mark = Number(word) < 0 ? Number(word) + 2 ** 32 : Number(word);
  return mark >= 0 && mark < 2 ** 32 ? mark : undefined;
}

/** A netmask or, for IPv6, a prefix length; single clients are undefined. */
function readPrefix(word: string | true | undefined, family: IpFamily): number | undefined {
  if (typeof word !== 'string') return undefined;
  if (family === 6) return readCount(word);
  const mask = parseIpAddress(word);
  return mask === undefined || familyOf(mask) === 6 ? undefined : prefixOfMask(mask);
}

const endpointPattern = /^(?:\[(?<six>[^\]]+)\]|(?<four>[^:]+)):(?<port>\d{1,5})$/;

function readEndpoint(word: string | true | undefined): { address: IpAddress; port: Port } | undefined {
  const groups = typeof word === 'string' ? endpointPattern.exec(word)?.groups : undefined;
  const address = parseIpAddress(groups?.['six'] ?? groups?.['four'] ?? '');
  const port = asPort(Number(groups?.['port']));
  return address === undefined || port === undefined ? undefined : { address, port };
}
