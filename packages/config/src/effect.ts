// Keys that are read and checked but do not do what an administrator may expect of them.
import { isDeepStrictEqual } from 'node:util';
import type { DiagnosticCode, Report } from './diagnostic.ts';
import type { Scope } from './schema.ts';
import { keysOf } from './schema.ts';
import type { AnySettings } from './settings.ts';

/** Not built yet: each line goes away together with what it announces. */
export const notInEffect: Readonly<Record<Scope, readonly string[]>> = {
  global: ['notify_cmd'],
  virtual: [],
  server: [],
};

/** Had no effect in the original either. */
const withoutEffect: Readonly<Record<Scope, Readonly<Record<string, string>>>> = {
  global: {
    heartbeat: 'heartbeats depend on backup_active alone',
    debug_level: 'what is logged does not depend on it',
    sync: 'files are not copied between the routers',
  },
  virtual: {
    master: 'files are not copied between servers',
    dirs: 'files are not copied between servers',
    start_cmd: 'only failover services are started by a command',
    stop_cmd: 'only failover services are stopped by a command',
  },
  server: {},
};

const noDisks = 'shared disks are not supported: heartbeats alone decide who is active';

/** Does something else now. */
const replaced: Readonly<Record<Scope, Readonly<Record<string, string>>>> = {
  global: {
    hard_shutdown: 'a nanny that dies is started again and its servers stay in service',
    primary_shared: noDisks,
    backup_shared: noDisks,
    reservation_conflict_action: noDisks,
  },
  virtual: { client_monitor: 'servers are always checked by the nanny of this suite' },
  server: {},
};

// These say something even when they repeat what counts anyway.
const saidWhenGiven: readonly string[] = ['hard_shutdown'];

/** Warns of the keys of one active block that do not do what they say. */
export function checkEffects(scope: Scope, settings: AnySettings, report: Report): void {
  for (const [name, { key }] of settings.given) {
    if (settings.bad.has(name)) continue;
    const changed = !isDeepStrictEqual(settings.values[name], keysOf[scope][name]?.absent);
    const idle = withoutEffect[scope][name];
    const notice = changed || saidWhenGiven.includes(name) ? noticeOf(scope, name) : undefined;
    if (idle !== undefined) report.warning(key, 'no-effect', `${name} does nothing`, idle);
    if (notice !== undefined) report.warning(key, notice.code, notice.message, notice.hint);
  }
}

type Notice = { readonly code: DiagnosticCode; readonly message: string; readonly hint?: string };

function noticeOf(scope: Scope, name: string): Notice | undefined {
  const hint = replaced[scope][name];
  if (hint !== undefined) return { code: 'replaced', message: `${name} is not used any more`, hint };
  if (!notInEffect[scope].includes(name)) return undefined;
  return { code: 'not-in-effect', message: `${name} is not in effect yet` };
}
