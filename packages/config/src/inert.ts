// Values that have no effect in their file. Refusing one would keep a working file from starting: it is warned about, and
// what counts without it does.
import type { DiagnosticCode, Report } from './diagnostic.ts';
import { lenient } from './diagnostic.ts';
import { isIdle } from './effect.ts';
import type { GlobalKeys, ValuesOf, VirtualKeys } from './schema.ts';
import type { AnySettings, Settings } from './settings.ts';

type Globals = Settings<ValuesOf<GlobalKeys>>;
type Virtual = Settings<ValuesOf<VirtualKeys>>;

/** Whether the file has two routers. A backup address that was refused counts: it must not pass for none. */
export const hasPartner = ({ values, bad }: Globals): boolean =>
  values.backup_active && (values.backup !== undefined || bad.has('backup'));

const ofPair = [
  ...[
    'primary_private',
    'backup_private',
    'keepalive',
    'deadtime',
    'heartbeat_port',
    'heartbeat_key_file',
    'heartbeat_second_key_file',
  ],
  ...['heartbeat_auth', 'heartbeat_ttl', 'failback', 'failback_delay', 'hot_standby'],
];
const ofSync = ['syncd_iface', 'syncd_id', 'syncd_refresh'];
const ofNat = ['nat_router', 'nat_nmask'];

/** Tells the global keys that do nothing in a file with these values. */
export function idleGlobals(global: Globals, nat: boolean): (key: string) => boolean {
  const { values, bad } = global;
  const idle = [
    ...(values.backup_active || bad.has('backup_active') ? [] : ['backup', ...ofPair]),
    ...(values.syncdaemon || bad.has('syncdaemon') ? [] : ofSync),
    ...(nat || bad.has('network') ? [] : ofNat),
    ...(values.failback === 'auto' || bad.has('failback') ? [] : ['failback_delay']),
  ];
  return (key) => isIdle('global', key) || idle.includes(key);
}

/** The same for an active virtual server. */
export function idleInVirtual({ values, bad }: Virtual): (key: string) => boolean {
  const idle = [
    ...(values.persistent === 0 && !bad.has('persistent') ? ['pmask'] : []),
    ...(values.expect === undefined && !bad.has('expect') ? ['use_regex'] : []),
  ];
  return (key) => isIdle('virtual', key) || idle.includes(key);
}

/** The report for one entry of an active block. */
export const reportUnless =
  (idle: (key: string) => boolean, report: Report) =>
  (key: string): Report =>
    idle(key) ? lenient(report) : report;

// In a block without an `active` line it may be that line, misspelt.
const perhapsActive: readonly DiagnosticCode[] = ['unknown-key'];

/** The report for everything in a block: that of an inactive one is a draft. */
export function reportOnBlock(block: AnySettings, report: Report): Report {
  if (block.values['active'] === true || block.bad.has('active')) return report;
  return lenient(report, block.given.has('active') ? [] : perhapsActive);
}
