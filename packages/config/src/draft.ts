// The whole file as read settings with their places: what the rules are checked on.
import type { Port } from '@piranha/domain';
import type { Place, Report } from './diagnostic.ts';
import type { Block, ParsedFile } from './parse.ts';
import { globalKeys, serverKeys, virtualKeys } from './schema.ts';
import type { GlobalKeys, ServerKeys, ValuesOf, VirtualKeys } from './schema.ts';
import type { Services } from './services.ts';
import { findPort } from './services.ts';
import type { Settings } from './settings.ts';
import { readSettings } from './settings.ts';

type InBlock = { readonly name: string; readonly place: Place };

/** One `server` block. `port` is undefined where its value was refused. */
export type DraftServer = InBlock & Settings<ValuesOf<ServerKeys>> & { readonly port: Port | undefined };
/** One `virtual` or `failover` block. */
export type DraftVirtual = InBlock &
  Settings<ValuesOf<VirtualKeys>> & { readonly port: Port | undefined; readonly servers: readonly DraftServer[] };
/** One file. */
export type Draft = {
  readonly global: Settings<ValuesOf<GlobalKeys>>;
  readonly heartbeatPort: Port | undefined;
  readonly virtuals: readonly DraftVirtual[];
  readonly failovers: readonly DraftVirtual[];
};

/** Reads every entry of a parsed file. */
export function readDraft(file: ParsedFile, services: Services, report: Report): Draft {
  const global = readSettings('global', globalKeys, file.entries, report);
  const read = (kind: Block['kind']): readonly DraftVirtual[] =>
    file.blocks.filter((block) => block.kind === kind).map((block) => readVirtual(block, services, report));
  return {
    global,
    heartbeatPort: portOf(global.values.heartbeat_port, 'udp', services),
    virtuals: read('virtual'),
    failovers: read('failover'),
  };
}

const portOf = (port: Port | string, protocol: 'tcp' | 'udp', services: Services): Port | undefined =>
  typeof port === 'string' ? findPort(services, port, protocol) : port;

function readVirtual(block: Block, services: Services, report: Report): DraftVirtual {
  const settings = readSettings('virtual', virtualKeys, block.entries, report);
  const { port, protocol } = settings.values;
  const servers = block.servers.filter(({ kind }) => kind === 'server');
  return {
    ...settings,
    name: block.name,
    place: block.place,
    port: settings.bad.has('port') ? undefined : portOf(port, protocol, services),
    servers: servers.map((server) => readServer(server, protocol, services, report)),
  };
}

/** A server without a port has the one that the enclosing block had when the server's line was read, as ever. */
function readServer(block: Block, protocol: 'tcp' | 'udp', services: Services, report: Report): DraftServer {
  const settings = readSettings('server', serverKeys, block.entries, report);
  const inherited = settings.given.has('port') ? settings.values.port : inheritedPort(block, protocol, services);
  return { ...settings, name: block.name, place: block.place, port: settings.bad.has('port') ? undefined : inherited };
}

function inheritedPort({ portBefore }: Block, protocol: 'tcp' | 'udp', services: Services): Port | undefined {
  if (portBefore === undefined) return portOf(virtualKeys.port.absent, protocol, services);
  const [first, ...others] = portBefore.values;
  // A refused line was complained about where it stands.
  const read = first === undefined ? undefined : virtualKeys.port.read([first, ...others]);
  return read?.ok === true ? portOf(read.value, protocol, services) : undefined;
}
