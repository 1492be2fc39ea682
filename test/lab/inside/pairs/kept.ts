// What a reload leaves alone in the kernel: counters and connections of a service and of its server, both of them edited.
import { configurationFromText } from '@piranha/config';
import type { Health, Table } from '@piranha/ipvs';
import { emptyTable, keyOf, plan, restoreLine, serverId, wantedTable } from '@piranha/ipvs';
import { must } from '../command.ts';
import { countersOf, onePacket } from './foreign.ts';
import type { Ipvsadm } from './ipvsadm.ts';
import { look } from './sighting.ts';

const server = (address: string, more = ''): string => `server s {\nactive = 1\naddress = ${address}\n${more}\n}\n`;
const service = (name: string, port: number, lines: string): string =>
  `virtual ${name} {\nactive = 1\naddress = 198.51.100.2 eth0:1\nprotocol = udp\nport = ${port}\n${lines}}\n`;

const old = service('dns', 53, `${server('10.0.1.1')}${server('10.0.1.2', 'weight = 0')}`) + service('ntp', 123, '');
const edited = server('10.0.1.1', 'weight = 9\nupper = 100');
const now =
  service('syslog', 514, server('10.0.1.9')) +
  service('names', 53, 'scheduler = lc\npersistent = 60\n' + server('10.0.1.3') + edited);

function everythingUp(text: string, found: Table) {
  const loaded = configurationFromText('lvs.cf', text, {});
  if (!loaded.ok) throw new Error(loaded.error.map(({ message }) => message).join('; '));
  const { virtualServers } = loaded.value.configuration;
  const up = virtualServers.flatMap((virtual) =>
    virtual.servers.map((each) => [serverId(virtual, each), 'up'] as const),
  );
  const table = wantedTable(loaded.value.configuration, new Map<string, Health>(up), found);
  return { table, keys: virtualServers.map(keyOf) };
}

const connections = async (): Promise<readonly string[]> =>
  (await must(['ipvsadm', '-L', '-n', '-c']))
    .split('\n')
    .flatMap((line) => /\S+:\d+ +198\.51\.100\.2:53 .*/.exec(line) ?? []);

/** Lines of a reload, and what the kernel counted of one packet before and after them. */
export async function keptByReload(ipvsadm: Ipvsadm) {
  const first = everythingUp(old, emptyTable);
  const additions = plan(emptyTable, first.table, new Set()).map(restoreLine);
  const [before] = await ipvsadm.restore('the old file', ['-C', ...additions, ...look], 1);
  const counted = await onePacket('198.51.100.2', 53);
  const connected = await connections();
  const second = everythingUp(now, before.table);
  const given = plan(before.table, second.table, new Set([...first.keys, ...second.keys])).map(restoreLine);
  await ipvsadm.restore('the new file', given, 0);
  return {
    given,
    counters: [counted, await countersOf('198.51.100.2', 53)],
    connections: [connected, await connections()],
  };
}
