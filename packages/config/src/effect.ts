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

/** Do nothing, and the original's web interface wrote them into every file: a warning would only be noise. */
const silentlyIdle: Readonly<Record<Scope, readonly string[]>> = {
  global: ['serial_no', 'hard_shutdown'],
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
    primary_shared: noDisks,
    backup_shared: noDisks,
    reservation_conflict_action: noDisks,
  },
  virtual: { client_monitor: 'servers are always checked by the nanny of this suite' },
  server: {},
};

// What the web interface writes, where that is not what counts without the key.
const usual: Readonly<Record<string, unknown>> = { heartbeat: true };

/** Whether nothing depends on a key, whatever its value. */
export const isIdle = (scope: Scope, name: string): boolean =>
  silentlyIdle[scope].includes(name) ||
  Object.hasOwn(withoutEffect[scope], name) ||
  Object.hasOwn(replaced[scope], name);

/** Warns of the keys of one active block that do not do what they say. */
export function checkEffects(scope: Scope, settings: AnySettings, report: Report): void {
  for (const [name, { key }] of settings.given) {
    if (settings.bad.has(name)) continue;
    const expected = usual[name] ?? keysOf[scope][name]?.absent;
    if (isDeepStrictEqual(settings.values[name], expected)) continue;
    const notice = noticeOf(scope, name);
    if (notice !== undefined) report.warning(key, notice.code, notice.message, notice.hint);
  }
}

type Notice = { readonly code: DiagnosticCode; readonly message: string; readonly hint?: string };

function noticeOf(scope: Scope, name: string): Notice | undefined {
  const idle = withoutEffect[scope][name];
  if (idle !== undefined) return { code: 'no-effect', message: `${name} does nothing`, hint: idle };
  const hint = replaced[scope][name];
  if (hint !== undefined) return { code: 'replaced', message: `${name} is not used any more`, hint };
  if (!notInEffect[scope].includes(name)) return undefined;
  return { code: 'not-in-effect', message: `${name} is not in effect yet` };
}
