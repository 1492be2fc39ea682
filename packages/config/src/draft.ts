// The whole file as read settings with their places: what the rules are checked on.
import type { Port } from '@piranha/domain';
import type { Report } from './diagnostic.ts';
import { lenient, newReport } from './diagnostic.ts';
import type { Draft, DraftServer, DraftVirtual } from './draft-blocks.ts';
import { usesNat } from './forwarding.ts';
import { idleGlobals, idleInVirtual, reportOnBlock, reportUnless } from './inert.ts';
import type { Block, ParsedFile } from './parse.ts';
import { globalKeys, serverKeys, virtualKeys } from './schema.ts';
import type { Services } from './services.ts';
import { findPort } from './services.ts';
import { readSettings } from './settings.ts';

/** Reads every entry of a parsed file. */
export function readDraft(file: ParsedFile, services: Services, report: Report): Draft {
  const ofKind = (kind: Block['kind']): readonly Block[] => file.blocks.filter((block) => block.kind === kind);
  // What has an effect depends on other values, so all are read before anything is said.
  const first = readSettings('global', globalKeys, file.entries, newReport);
  const virtuals = ofKind('virtual').map((block) => readVirtual(block, services, report));
  const idle = idleGlobals(first, usesNat({ global: first, virtuals }));
  const global = readSettings('global', globalKeys, file.entries, reportUnless(idle, report));
  const failoverReport = global.values.service === 'lvs' ? lenient(report) : report;
  return {
    global,
    heartbeatPort: portOf(global.values.heartbeat_port, 'udp', services),
    virtuals,
    failovers: ofKind('failover').map((block) => readVirtual(block, services, failoverReport)),
  };
}

const portOf = (port: Port | string, protocol: 'tcp' | 'udp', services: Services): Port | undefined =>
  typeof port === 'string' ? findPort(services, port, protocol) : port;

function readVirtual(block: Block, services: Services, fileReport: Report): DraftVirtual {
  const first = readSettings('virtual', virtualKeys, block.entries, newReport);
  const report = reportOnBlock(first, fileReport);
  const settings = readSettings('virtual', virtualKeys, block.entries, reportUnless(idleInVirtual(first), report));
  const { port, protocol } = settings.values;
  const servers = block.servers.filter(({ kind }) => kind === 'server');
  return {
    ...settings,
    name: block.name,
    place: block.place,
    port: settings.bad.has('port') ? undefined : portOf(port, protocol, services),
    sorryOnRouter: false,
    servers: servers.map((server) => readServer(server, protocol, services, report)),
  };
}

/** A server without a port has the one that the enclosing block had when the server's line was read, as ever. */
function readServer(block: Block, protocol: 'tcp' | 'udp', services: Services, virtualReport: Report): DraftServer {
  const report = reportOnBlock(readSettings('server', serverKeys, block.entries, newReport), virtualReport);
  const settings = readSettings('server', serverKeys, block.entries, () => report);
  const inherited = settings.given.has('port') ? settings.values.port : inheritedPort(block, protocol, services);
  return {
    ...settings,
    name: block.name,
    place: block.place,
    port: settings.bad.has('port') ? undefined : inherited,
    onRouter: false,
  };
}

function inheritedPort({ portBefore }: Block, protocol: 'tcp' | 'udp', services: Services): Port | undefined {
  if (portBefore === undefined) return portOf(virtualKeys.port.absent, protocol, services);
  const [first, ...others] = portBefore.values;
  // A refused line was complained about where it stands.
  const read = first === undefined ? undefined : virtualKeys.port.read([first, ...others]);
  return read?.ok === true ? portOf(read.value, protocol, services) : undefined;
}
