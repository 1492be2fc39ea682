// Every key of lvs.cf: how its value is read, and what counts where the key is absent.
import { milliseconds, seconds } from '@piranha/domain';
import type { Millis, Port } from '@piranha/domain';
import type { Reader } from './read.ts';
import {
  command, duration, durationOrZero, flag, host, hostOnDevice, hostOrNone, integer, list, mask, networkInterface, oneOf,
  path, portNumber, portOrName, someOf, text, word, userName, wordOrDuration,
} from './read.ts'; // prettier-ignore

/** One key; `T` is the type of its value. */
export type Key<T> = { readonly read: Reader<T>; readonly absent: T };
export type KeyTable = Readonly<Record<string, Key<unknown>>>;
/** The values of all keys of a table. */
export type ValuesOf<Keys extends KeyTable> = {
  readonly [Name in keyof Keys]: Keys[Name] extends Key<infer T> ? T : never;
};

const key = <T>(read: Reader<T>, absent: T): Key<T> => ({ read, absent });
const optional = <T>(read: Reader<T>): Key<T | undefined> => ({ read, absent: undefined });

const day = 24 * 60 * 60;
// ipvsadm takes persistence up to 31 days, the kernel timeouts up to INT_MAX ticks of a millisecond.
const month = 31 * day;
const kernelTimeout = integer(0, 2_147_483);
const largestInt = 2_147_483_647;
// ipvsadm's bound.
const heaviest = 65_535;

const forwarding = oneOf('nat', 'direct', 'tunnel');

/** Outside of blocks. */
export const globalKeys = {
  serial_no: key(integer(-largestInt - 1, largestInt), 0),
  primary: optional(host),
  backup: optional(hostOrNone),
  backup_active: key(flag, false),
  primary_private: optional(host),
  backup_private: optional(host),
  primary_shared: optional(text),
  backup_shared: optional(text),
  reservation_conflict_action: optional(oneOf('nothing', 'preempt')),
  service: key(oneOf('lvs', 'fos'), 'lvs'),
  network: key(forwarding, 'nat'),
  nat_router: optional(hostOnDevice),
  nat_nmask: optional(mask),
  keepalive: key(duration(0.02, day), seconds(2)),
  deadtime: key(duration(0.02, day), seconds(5)),
  heartbeat: key(flag, false),
  heartbeat_port: key(portOrName(1), 539 as Port),
  heartbeat_key_file: optional(path),
  heartbeat_second_key_file: optional(path),
  heartbeat_auth: optional(oneOf('off', 'accept', 'require')),
  heartbeat_ttl: optional(integer(1, 255)),
  failback: key(oneOf('manual', 'auto'), 'manual'),
  failback_delay: key(duration(0, day), milliseconds(0)),
  monitor_links: key(integer(-largestInt - 1, largestInt), 0),
  hot_standby: key(flag, false),
  arp_refresh: key(durationOrZero(1, day), seconds(60)),
  max_nannies: key(integer(1, 1000), 32),
  syncdaemon: key(flag, false),
  syncd_iface: key(networkInterface, 'eth0'),
  syncd_id: key(integer(0, 255), 0),
  syncd_refresh: key(integer(0, day), 10),
  tcp_timeout: key(kernelTimeout, 0),
  tcpfin_timeout: key(kernelTimeout, 0),
  udp_timeout: key(kernelTimeout, 0),
  // The defaults lose no connection silently: lvs.cf(5) says why. That of the first depends on the services.
  expire_nodest_conn: optional(integer(0, 1)),
  expire_quiescent_template: key(integer(0, 1), 1),
  conn_reuse_mode: key(integer(0, 3), 1),
  hard_shutdown: key(flag, true),
  ipvsadm: key(path, '/sbin/ipvsadm'),
  rsh_command: key(command, ['rsh']),
  active_cmd: optional(command),
  inactive_cmd: optional(command),
  notify_cmd: optional(command),
  insecure_programs: key(flag, false),
  check_user: optional(userName),
  debug_level: key(text, 'NONE'),
  sync: key(flag, false),
};

/** In `virtual` and `failover` blocks. */
export const virtualKeys = {
  active: key(flag, false),
  address: optional(hostOnDevice),
  vip_nmask: optional(mask),
  port: key(portOrName(0), 80 as Port),
  protocol: key(oneOf('tcp', 'udp'), 'tcp'),
  fwmark: key(integer(0, 4_294_967_295), 0),
  network: optional(forwarding),
  scheduler: key(oneOf('rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'dh', 'sh', 'sed', 'nq', 'mh', 'fo', 'ovf'), 'wlc'),
  sched_flags: key(someOf('sh-fallback', 'sh-port', 'mh-fallback', 'mh-port', 'flag-1', 'flag-2', 'flag-3'), []),
  ops: key(flag, false),
  persistent: key(integer(0, month), 0),
  pmask: optional(mask),
  sorry_server: optional(hostOrNone),
  quiesce_server: key(flag, false),
  send: optional(text),
  expect: optional(text),
  use_regex: key(flag, false),
  send_program: optional(command),
  timeout: key(duration(0.02, day), seconds(10)),
  reentry: key(duration(0, month), seconds(180)),
  fall: key(integer(1, 100), 1),
  load_monitor: key(command, ['none']),
  slow_start: key<'on' | 'off' | Millis>(wordOrDuration(['on', 'off'], 0.02, day), 'on'),
  client_monitor: key(word, '/usr/sbin/nanny'),
  start_cmd: optional(command),
  stop_cmd: optional(command),
  master: optional(hostOrNone),
  dirs: optional(list),
};

/** In `server` blocks. */
export const serverKeys = {
  active: key(flag, false),
  address: optional(hostOrNone),
  port: optional(portNumber),
  weight: key(integer(0, heaviest), 1),
  network: optional(forwarding),
  upper: key(integer(0, largestInt), 0),
  lower: key(integer(0, largestInt), 0),
};

export type GlobalKeys = typeof globalKeys;
export type VirtualKeys = typeof virtualKeys;
export type ServerKeys = typeof serverKeys;

/** Where a key stands. */
export type Scope = 'global' | 'virtual' | 'server';
export const keysOf: Readonly<Record<Scope, KeyTable>> = {
  global: globalKeys,
  virtual: virtualKeys,
  server: serverKeys,
};
