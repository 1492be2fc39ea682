// Read settings as the typed value that the daemons run.
import type { Millis, Port } from '@piranha/domain';
import { seconds } from '@piranha/domain';
import type {
  CheckSettings,
  FloatingAddressOf,
  ForwardingMethod,
  HostText,
  IpvsSettings,
  RealServerOf,
  UnresolvedConfiguration,
  VirtualServerOf,
} from './configuration.ts';
import type { Draft, DraftServer, DraftVirtual } from './draft-blocks.ts';
import { everyPort, forwardPortOf, forwardingOf, sorryMethodOf, usesNat } from './forwarding.ts';
import type { HostOnDevice, Mask } from './read.ts';
import { globalKeys } from './schema.ts';

/** The address of an inactive server or service that has none. */
export const noAddress: HostText = '0.0.0.0';

/** Makes the configuration. The draft must be free of errors. */
export function assemble(draft: Draft): UnresolvedConfiguration {
  const { values } = draft.global;
  return {
    service: values.service,
    primary: values.primary,
    backup: values.backup,
    privateChannel: privateChannel(draft),
    backupActive: values.backup_active && values.backup !== undefined,
    heartbeatPort: draft.heartbeatPort ?? (globalKeys.heartbeat_port.absent as Port),
    heartbeatKeyFile: values.heartbeat_key_file,
    heartbeatSecondKeyFile: values.heartbeat_second_key_file,
    heartbeatAuth: values.heartbeat_auth ?? (values.heartbeat_key_file === undefined ? 'off' : 'require'),
    heartbeatTtl: values.heartbeat_ttl,
    keepalive: values.keepalive,
    deadtime: values.deadtime,
    failback: values.failback,
    failbackDelay: values.failback_delay,
    monitorLinks: values.monitor_links !== 0,
    hotStandby: values.hot_standby,
    arpRefresh: values.arp_refresh,
    maxNannies: values.max_nannies,
    natRouter: usesNat(draft) ? floating(values.nat_router, values.nat_nmask) : undefined,
    syncDaemon: values.syncdaemon ? { device: values.syncd_iface, id: values.syncd_id } : undefined,
    timeouts: { tcp: values.tcp_timeout, tcpFin: values.tcpfin_timeout, udp: values.udp_timeout },
    ipvsSettings: {
      expire_nodest_conn: values.expire_nodest_conn ?? (isAllUdp(draft) ? 1 : 0),
      expire_quiescent_template: values.expire_quiescent_template,
      conn_reuse_mode: values.conn_reuse_mode,
      ...(values.syncdaemon ? syncSettings(values.syncd_refresh) : {}),
    },
    ipvsadm: values.ipvsadm,
    rshCommand: values.rsh_command ?? globalKeys.rsh_command.absent ?? [],
    activeCommand: values.active_cmd,
    inactiveCommand: values.inactive_cmd,
    notifyCommand: values.notify_cmd,
    insecurePrograms: values.insecure_programs,
    checkUser: values.check_user,
    virtualServers: draft.virtuals.map((virtual) => virtualServer(virtual, values.network)),
  };
}

/** Whether nothing but UDP is balanced. What a firewall mark gathers may be anything. */
export function isAllUdp({ virtuals }: Draft): boolean {
  const active = virtuals.filter(({ values }) => values.active);
  return active.length > 0 && active.every(({ values }) => values.protocol === 'udp' && values.fwmark === 0);
}

/**
 * With a period of 0 packets the kernel tells of a connection once it is established and then, while it has packets, when
 * `refresh` has passed. With `backup_only` a router that also listens would not balance.
 */
const syncSettings = (refresh: number): IpvsSettings => ({
  backup_only: 0,
  ...(refresh === 0 ? {} : { sync_threshold: '3 0', sync_refresh_period: refresh }),
});

function privateChannel({ global: { values } }: Draft): UnresolvedConfiguration['privateChannel'] {
  const { primary, primary_private: ours, backup_private: theirs } = values;
  return ours === undefined || theirs === undefined || ours === primary ? undefined : { primary: ours, backup: theirs };
}

function floating(at: HostOnDevice | undefined, mask: Mask | undefined): FloatingAddressOf<HostText> | undefined {
  if (at?.host === undefined) return undefined;
  return { address: at.host, device: at.device, prefix: mask?.prefix };
}

function virtualServer(virtual: DraftVirtual, network: ForwardingMethod): VirtualServerOf<HostText> {
  const { name, values, port } = virtual;
  return {
    name,
    active: values.active,
    vip: floating(values.address, values.vip_nmask) ?? {
      address: noAddress,
      device: values.address?.device ?? '',
      prefix: values.vip_nmask?.prefix,
    },
    port: port ?? (0 as Port),
    protocol: values.protocol,
    fwmark: values.fwmark === 0 ? undefined : values.fwmark,
    scheduler: values.scheduler,
    schedulerFlags: values.sched_flags,
    onePacket: values.ops,
    persistent: values.persistent === 0 ? undefined : values.persistent,
    persistentPrefix: values.persistent === 0 ? undefined : groupPrefix(values.pmask),
    network: sorryMethodOf(virtual, network),
    sorryServer: values.sorry_server,
    quiesceServer: values.quiesce_server,
    check: checkSettings(virtual),
    loadMonitor: values.load_monitor?.join(' ') === 'none' ? undefined : values.load_monitor,
    slowStart: values.slow_start,
    servers: virtual.servers.map((server) => realServer(server, virtual, forwardingOf(server, virtual, network))),
  };
}

/** A mask of all ones groups nobody. */
const groupPrefix = (mask: Mask | undefined): number | undefined =>
  mask === undefined || mask.prefix === (mask.family === 4 ? 32 : 128) ? undefined : mask.prefix;

// As the original: 0 is not "at once" but the default.
const defaultReentry = seconds(180);
const reentryOf = (given: Millis): Millis => (given === 0 ? defaultReentry : given);

const checkSettings = ({ values }: DraftVirtual): CheckSettings => ({
  send: values.send,
  expect: values.expect,
  useRegex: values.use_regex,
  sendProgram: values.send_program,
  timeout: values.timeout,
  reentry: reentryOf(values.reentry),
  fall: values.fall,
});

const realServer = (server: DraftServer, virtual: DraftVirtual, network: ForwardingMethod): RealServerOf<HostText> => ({
  name: server.name,
  active: server.values.active,
  address: server.values.address ?? noAddress,
  port: server.port ?? everyPort,
  forwardPort: forwardPortOf(server, virtual, network),
  weight: server.values.weight,
  network,
  upper: server.values.upper,
  lower: server.values.lower,
});
