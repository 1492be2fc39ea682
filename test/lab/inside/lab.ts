// The pair as an administrator would build it: two routers with the installed suite, two web servers, one client.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { probeProgram } from './client.ts';
import type { Host } from './host.ts';
import { makeHost } from './host.ts';
import { must } from './command.ts';
import { makeSwitches, plugIn, removeSwitches, setCables, unplug } from './network.ts';

/** Where hosts find the FTP and UDP services. */
export const responderProgram = '/usr/lib/piranha-lab/responder.cjs';

/** Where the real server that dies and comes back is. */
export const victimProgram = '/usr/lib/piranha-lab/victim.cjs';

/** Where the client that holds connections is. */
export const heldProgram = '/usr/lib/piranha-lab/held.cjs';

/** How packets reach the real servers. */
export type Method = 'nat' | 'direct';

/** What the pair's lvs.cf says where tests differ. */
export type PairSettings = {
  readonly network: Method;
  readonly keepalive: number;
  readonly deadtime: number;
  readonly hotStandby: boolean;
  readonly weights: readonly [number, number];
  readonly scheduler: string;
  /** More lines for the top level. */
  readonly more: string;
  /** The suite's processes collect all garbage every half minute: what they hold then they keep. */
  readonly collects?: true;
};

export const usualSettings: PairSettings = {
  network: 'nat',
  keepalive: 1,
  deadtime: 3,
  hotStandby: true,
  weights: [2, 1],
  scheduler: 'wrr',
  more: '',
};

export const vip = '10.1.0.100';

/** Each router has one; nothing is signed where lvs.cf does not name it. */
export const labKeyFile = '/etc/sysconfig/ha/heartbeat.key';

/** All machines, wired and with addresses; nothing of the suite runs yet. */
export type Lab = {
  readonly settings: PairSettings;
  readonly client: Host;
  readonly r1: Host;
  readonly r2: Host;
  readonly s1: Host;
  readonly s2: Host;
  /** Both cables of a host out, or back in. */
  readonly setCables: (host: Host, state: 'up' | 'down') => Promise<void>;
  readonly destroy: () => Promise<void>;
};

const serverAddresses = (network: Method): readonly [string, string] =>
  network === 'nat' ? ['10.2.0.11', '10.2.0.12'] : ['10.1.0.11', '10.1.0.12'];

/**
 * From check to check, and the most that one may take (s): a server whose processor the lab lends to a starting router for
 * a second is not sick.
 */
const checkInterval = 2;

/** The lvs.cf of the lab's pair. */
export function lvsCf(settings: PairSettings): string {
  const servers = serverAddresses(settings.network).map(
    (address, index) => `  server s${index + 1} {
    address = ${address}
    active = 1
    weight = ${settings.weights[index] ?? 1}
  }`,
  );
  return `primary = 10.1.0.2
primary_private = 10.2.0.2
backup = 10.1.0.3
backup_private = 10.2.0.3
backup_active = 1
keepalive = ${settings.keepalive}
deadtime = ${settings.deadtime}
hot_standby = ${settings.hotStandby ? 1 : 0}
network = ${settings.network}
${settings.network === 'nat' ? 'nat_router = 10.2.0.1 eth1:1\nnat_nmask = 255.255.255.0\n' : ''}${settings.more}
virtual web {
  active = 1
  address = ${vip} eth0:1
  vip_nmask = 255.255.255.0
  port = 80
  scheduler = ${settings.scheduler}
  timeout = ${checkInterval}
  reentry = 2
  slow_start = off
  send = "GET / HTTP/1.0\\r\\n\\r\\n"
  expect = "HTTP/1.1 200"
${servers.join('\n')}
}
`;
}

/** Is loaded first by processes that collect. */
const collectProgram = '/usr/lib/piranha-lab/collect.cjs';

/** Below this keepalive (s) it matters that nobody is held up for a moment. */
const shortKeepalive = 0.5;

type NodeNeeds = Pick<PairSettings, 'keepalive' | 'collects'>;

/**
 * In an emulated guest code that is compiled while it runs has to be translated again and again, and everybody waits: for
 * short timers the programs are installed with a Node that only interprets. It takes longer to start, and a real machine
 * has no need of it. Nor do helpers collect its garbage there: on two slow processors a program waits 100 ms behind its own.
 */
const isSteady = ({ keepalive }: NodeNeeds): boolean =>
  process.env['ON_IPVS'] === 'guest' && keepalive < shortKeepalive;

const nodeFlags = (needs: NodeNeeds): readonly string[] => [
  ...(isSteady(needs) ? ['--jitless', '--no-expose_wasm', '--single-threaded'] : []),
  ...(needs.collects === true ? ['--expose-gc', '--require', collectProgram] : []),
];

/** The words that put a Node with flags in front of the path. */
function inFrontOfPath(flags: readonly string[]): readonly string[] {
  if (flags.length === 0) return [];
  const folder = '/usr/lib/piranha-lab/node';
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/node`, `#!/bin/sh\nexec ${process.execPath} ${flags.join(' ')} "$@"\n`, { mode: 0o755 });
  return ['env', `PATH=${folder}:${process.env['PATH'] ?? ''}`];
}

/** Tells what the installed programs' Node is told. */
const installedFor = '/usr/lib/piranha-lab/installed-for';

/** In namespaces of a kernel without IPVS a stand-in keeps each host's table; what is installed there is thrown away. */
async function installStandIn(): Promise<void> {
  if (process.env['ON_IPVS'] !== 'namespaces' || existsSync('/proc/net/ip_vs')) return;
  await must(['install', '-m', '755', 'test/lab/inside/stand-in-ipvsadm', '/usr/sbin/ipvsadm']);
}

/** Installs the suite as an administrator does, and the lab's own programs; once for all hosts, and again for another Node. */
export async function installSuite(needs: NodeNeeds = usualSettings): Promise<void> {
  await installStandIn();
  const flags = nodeFlags(needs);
  if (existsSync(installedFor) && readFileSync(installedFor, 'utf8') === flags.join(' ')) return;
  await must([...inFrontOfPath(flags), 'scripts/install']);
  await must(['install', '-D', 'build/lab/collect.cjs', collectProgram]);
  await must(['install', '-D', 'build/lab/probe.cjs', probeProgram]);
  await must(['cp', '-r', 'build/lib/node_modules', dirname(probeProgram)]);
  await must(['install', '-D', 'build/lab/responder.cjs', responderProgram]);
  await must(['install', '-D', 'build/lab/victim.cjs', victimProgram]);
  await must(['install', '-D', 'build/lab/held.cjs', heldProgram]);
  writeFileSync(installedFor, flags.join(' '));
}

/** Builds the lab and writes the configuration; then web servers and routers can be started. */
export async function makeLab(settings: PairSettings): Promise<Lab> {
  await installSuite(settings);
  await makeSwitches();
  const [client, r1, r2, s1, s2] = await Promise.all([
    makeHost('client'),
    makeHost('r1'),
    makeHost('r2'),
    makeHost('s1'),
    makeHost('s2'),
  ]);
  await plugIn(client, [{ net: 'pub', address: '10.1.0.10' }]);
  await Promise.all([setUpRouter(r1, settings), setUpRouter(r2, settings)]);
  await makeServers(settings.network, [s1, s2]);
  return labOf({ settings, client, r1, r2, s1, s2 });
}

function labOf(machines: Omit<Lab, 'setCables' | 'destroy'>): Lab {
  const { settings, client, r1, r2, s1, s2 } = machines;
  return {
    ...{ settings, client, r1, r2, s1, s2 },
    setCables: (host, state) => setCables(host.name, state),
    destroy: async () => {
      const hosts = [client, r1, r2, s1, s2];
      await Promise.all(hosts.map((host) => host.destroy()));
      for (const host of hosts) await unplug(host.name);
      await removeSwitches();
    },
  };
}

/** The last byte of a router's addresses. */
const lastByte = (router: string): number => (router === 'r1' ? 2 : 3);

async function setUpRouter(host: Host, settings: PairSettings): Promise<void> {
  await plugIn(host, [
    { net: 'pub', address: `10.1.0.${lastByte(host.name)}` },
    { net: 'prv', address: `10.2.0.${lastByte(host.name)}` },
  ]);
  await host.must(['sysctl', '-qw', 'net.ipv4.ip_forward=1']);
  await host.must(['install', '-m', '0600', '/dev/null', labKeyFile]);
  await host.write(labKeyFile, 'k'.repeat(32));
  await host.write('/etc/sysconfig/ha/lvs.cf', lvsCf(settings));
}

/** Switches a router off, plugs its cables in and boots it; nothing of the suite runs on it then. */
export async function rebootRouter(lab: Lab, name: 'r1' | 'r2'): Promise<Lab> {
  await lab[name].destroy();
  await unplug(name);
  const booted = await makeHost(name);
  await setUpRouter(booted, lab.settings);
  return labOf({ ...lab, [name]: booted });
}

/** NAT: the inside address of the routers is the way out. Direct: the VIP on lo, without answering ARP for it. */
async function makeServers(network: Method, servers: readonly Host[]): Promise<void> {
  const setUp = async (host: Host, address: string): Promise<void> => {
    await plugIn(host, [{ net: network === 'nat' ? 'prv' : 'pub', address }]);
    if (network === 'nat') {
      await host.must(['ip', 'route', 'add', 'default', 'via', '10.2.0.1']);
    } else {
      await host.must(['sysctl', '-qw', 'net.ipv4.conf.all.arp_ignore=1', 'net.ipv4.conf.all.arp_announce=2']);
      await host.must(['ip', 'address', 'add', `${vip}/32`, 'dev', 'lo']);
    }
  };
  await Promise.all(servers.map((host, index) => setUp(host, serverAddresses(network)[index] ?? '')));
}
