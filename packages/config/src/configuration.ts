// lvs.cf as one typed value: what every key means, in the units the daemons use.
import type { IpAddress, Millis, Port } from '@piranha/domain';

/** How packets reach a real server: masquerading, direct routing or IP-in-IP tunnel. */
export type ForwardingMethod = 'nat' | 'direct' | 'tunnel';

/** The kernel's schedulers (`ip_vs_NAME`) that lvs.cf may name. */
export type Scheduler =
  | 'rr' | 'wrr' | 'lc' | 'wlc' | 'lblc' | 'lblcr' | 'dh' | 'sh' | 'sed' | 'nq' | 'mh' | 'fo' | 'ovf'; // prettier-ignore

/** A host name or an address, as the file has it. */
export type HostText = string;

/**
 * One real server of a virtual server. `Host` is `HostText` before names were looked up and `IpAddress` after.
 */
export type RealServerOf<Host> = {
  readonly name: string;
  readonly active: boolean;
  /** 0.0.0.0 where something inactive has none, or only a name, which is not looked up. */
  readonly address: Host;
  /** Where it is checked. */
  readonly port: Port;
  /** Where the kernel sends packets; 0: each keeps the port that it came for. */
  readonly forwardPort: Port;
  /** 0 means: takes no new connections. */
  readonly weight: number;
  readonly network: ForwardingMethod;
  /** Connection thresholds (`ipvsadm -x`, `-y`); 0 is none. */
  readonly upper: number;
  readonly lower: number;
};

/** A floating address on the device that carries it. */
export type FloatingAddressOf<Host> = {
  readonly address: Host;
  /** Device with its label, such as `eth0:1`; 15 bytes at most. */
  readonly device: string;
  /** Length of the network's prefix; undefined where the file gives no mask: the address stands alone (/32, /128). */
  readonly prefix: number | undefined;
};

/** How a server is checked, as the file says it; `send`, `expect` with their escapes not yet decoded. */
export type CheckSettings = {
  readonly send: string | undefined;
  readonly expect: string | undefined;
  readonly useRegex: boolean;
  /** Program and its arguments; `%h`, `%p` not yet replaced. */
  readonly sendProgram: readonly string[] | undefined;
  /** Pause between two checks and the limit of one. */
  readonly timeout: Millis;
  /** How long a failed server has to be good again before it returns. */
  readonly reentry: Millis;
  /** Failures in a row that take a server out. */
  readonly fall: number;
};

/** One `virtual` block. */
export type VirtualServerOf<Host> = {
  readonly name: string;
  readonly active: boolean;
  readonly vip: FloatingAddressOf<Host>;
  readonly port: Port;
  readonly protocol: 'tcp' | 'udp';
  /** Firewall mark that replaces address, port and protocol as the service's identity; undefined for none. */
  readonly fwmark: number | undefined;
  readonly scheduler: Scheduler;
  /** As ipvsadm's `-b` takes them, for example `sh-fallback`. */
  readonly schedulerFlags: readonly string[];
  /** One-packet scheduling (`-o`, UDP only). */
  readonly onePacket: boolean;
  /** Seconds; undefined for no persistence. */
  readonly persistent: number | undefined;
  /** Prefix length that groups clients for persistence; undefined for single clients. */
  readonly persistentPrefix: number | undefined;
  /** Forwarding method of the sorry server: that of the block, but `direct` for a loopback address. */
  readonly network: ForwardingMethod;
  readonly sorryServer: Host | undefined;
  readonly quiesceServer: boolean;
  readonly check: CheckSettings;
  /** Program and arguments; `uptime` alone is asked for through `rshCommand`; undefined for none. */
  readonly loadMonitor: readonly string[] | undefined;
  /** `on`: as the original; a length: the time of one doubling. */
  readonly slowStart: 'on' | 'off' | Millis;
  readonly servers: readonly RealServerOf<Host>[];
};

/** How long the kernel remembers idle connections (`ipvsadm --set`), in seconds; 0 leaves its value. */
export type ConnectionTimeouts = { readonly tcp: number; readonly tcpFin: number; readonly udp: number };

/** The kernel's settings of IPVS that lvs.cf has, by their names in /proc/sys/net/ipv4/vs. */
export type IpvsSetting =
  | 'expire_nodest_conn' | 'expire_quiescent_template' | 'conn_reuse_mode'
  | 'sync_threshold' | 'sync_refresh_period' | 'backup_only'; // prettier-ignore
/** A text where the kernel has several numbers; what is not here is left as it is. */
export type IpvsSettings = Readonly<Partial<Record<IpvsSetting, number | string>>>;

/** The whole file. `failover` blocks are checked when the file is read and are no part of it. */
export type ConfigurationOf<Host> = {
  readonly service: 'lvs' | 'fos';
  readonly primary: Host | undefined;
  /** Undefined where there is none or it is 0.0.0.0. */
  readonly backup: Host | undefined;
  /** The second heartbeat path, both ends of it; undefined for none. */
  readonly privateChannel: { readonly primary: Host; readonly backup: Host } | undefined;
  /** Whether there is a partner at all. */
  readonly backupActive: boolean;
  readonly heartbeatPort: Port;
  readonly heartbeatKeyFile: string | undefined;
  /** Signatures of its key are good, too; nothing is signed with it. */
  readonly heartbeatSecondKeyFile: string | undefined;
  readonly heartbeatAuth: 'off' | 'accept' | 'require';
  /** The time to live that the partner's datagrams must have left; undefined: by where the partner is. */
  readonly heartbeatTtl: number | undefined;
  readonly keepalive: Millis;
  readonly deadtime: Millis;
  readonly failback: 'manual' | 'auto';
  readonly failbackDelay: Millis;
  readonly monitorLinks: boolean;
  readonly hotStandby: boolean;
  /** Pause between announcements of a standing address; 0 is off. */
  readonly arpRefresh: Millis;
  readonly maxNannies: number;
  readonly natRouter: FloatingAddressOf<Host> | undefined;
  /** The kernel's connection synchronisation; undefined for off. */
  readonly syncDaemon: { readonly device: string; readonly id: number } | undefined;
  readonly timeouts: ConnectionTimeouts;
  readonly ipvsSettings: IpvsSettings;
  /** Paths and argument vectors; never a shell. */
  readonly ipvsadm: string;
  readonly rshCommand: readonly string[];
  readonly activeCommand: readonly string[] | undefined;
  readonly inactiveCommand: readonly string[] | undefined;
  readonly notifyCommand: readonly string[] | undefined;
  /** Programs that others than root may change are run all the same. */
  readonly insecurePrograms: boolean;
  /** Under whom checks run; undefined: the usual user, or root where there is none. */
  readonly checkUser: string | undefined;
  readonly virtualServers: readonly VirtualServerOf<Host>[];
};

/** With host names as written. */
export type UnresolvedConfiguration = ConfigurationOf<HostText>;
/** With every host name looked up: what the daemons run. */
export type Configuration = ConfigurationOf<IpAddress>;
export type VirtualServer = VirtualServerOf<IpAddress>;
export type RealServer = RealServerOf<IpAddress>;
