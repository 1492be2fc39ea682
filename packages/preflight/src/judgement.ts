// Whether this machine has what a file needs. What is missing is a mistake of the file's only where the file is meant for
// this machine, and never stops what works already.
import type { Configuration, Diagnostic, LoadedConfiguration, Need } from '@piranha/config';
import { quoted } from '@piranha/config';
import type { Outcome } from '@piranha/domain';
import type { Interface } from '@piranha/protocol';
import type { ProgramState } from '@piranha/runtime';
import { grouped } from './grouped.ts';
import type { Role } from './subjects.ts';

/** When a file is judged. */
export type Occasion =
  /** `strict`: as if it were meant for this machine in any case. */
  | { readonly type: 'check'; readonly strict: boolean; readonly before?: readonly Need[] }
  | { readonly type: 'start' }
  /** Somebody serves with this file: a start that must not end that. */
  | { readonly type: 'restart' }
  /** `before`: what the file in force needs; of a check, where there is one to be replaced. */
  | { readonly type: 'reload'; readonly before: readonly Need[] };

/** What this machine has of what a file needs; what could not be found out is undefined. */
export type Machine = {
  readonly role: Role | undefined;
  readonly interfaces: readonly Interface[] | undefined;
  readonly programs: ReadonlyMap<string, ProgramState>;
  /** The heartbeat's key, or what is wrong with its file; undefined where none is needed. */
  readonly key: Outcome<Uint8Array, string> | undefined;
};

/** The role first, then all that is missing, in the order of the file. */
export const judgeMachine = (
  loaded: Pick<LoadedConfiguration, 'configuration' | 'needs' | 'rolePlace'>,
  machine: Machine,
  occasion: Occasion,
): readonly Diagnostic[] => [...judgeRole(loaded, machine, occasion), ...judgeNeeds(loaded.needs, machine, occasion)];

function judgeRole(
  { configuration, rolePlace }: Pick<LoadedConfiguration, 'configuration' | 'rolePlace'>,
  { role, interfaces }: Machine,
  occasion: Occasion,
): readonly Diagnostic[] {
  if (interfaces === undefined) return [];
  if (role === undefined) return [withoutRole(configuration, rolePlace, occasion)];
  if (role === 'primary' || configuration.backupActive) return [];
  const message = 'this machine is the backup, and backup_active is 0 in the configuration: nothing to do here';
  const hint = 'pulse does not start here; backup_active = 1 lets it';
  return [{ ...rolePlace, severity: 'error', code: 'not-wanted', message, hint }];
}

function withoutRole(
  { primary, backup }: Configuration,
  place: LoadedConfiguration['rolePlace'],
  occasion: Occasion,
): Diagnostic {
  const known = `primary = ${primary ?? 'not given'}, backup = ${backup ?? 'not given'}`;
  const message = `this machine has neither of the routers' addresses (${known})`;
  // A file may be checked anywhere; one without a router is for no machine at all.
  const elsewhere = occasion.type === 'check' && !occasion.strict && (primary ?? backup) !== undefined;
  const hint = elsewhere
    ? 'pulse does not start here; programs, interfaces and key are for another machine'
    : 'pulse does not start here: correct lvs.cf, or see `ip address`';
  return { ...place, severity: elsewhere ? 'warning' : 'error', code: 'no-role', message, hint };
}

/** What is missing. The same thing is told once, at the first place that needs it. */
export function judgeNeeds(needs: readonly Need[], machine: Machine, occasion: Occasion): readonly Diagnostic[] {
  const missing = needs.flatMap((need) => {
    const trouble = troubleOf(need, machine);
    return trouble === undefined ? [] : [{ need, trouble, severity: severityOf(need, machine, occasion) }];
  });
  const alike = grouped(missing, ({ need, severity }) => `${severity} ${need.key} ${need.name}`);
  return [...alike.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const { need, trouble, severity } = first;
    const more = others.length > 0 ? `, and ${others.length} more need it` : '';
    const { line, column } = need;
    return [{ line, column, severity, code: trouble.code, message: `${trouble.message}${more}`, hint: trouble.hint }];
  });
}

type Trouble = Pick<Diagnostic, 'code' | 'message' | 'hint'>;

function troubleOf({ type, key, name }: Need, { interfaces, programs, key: secret }: Machine): Trouble | undefined {
  switch (type) {
    case 'key-file':
      if (secret?.ok !== false) return undefined;
      return { code: 'key-file', message: secret.error, hint: undefined };
    case 'device': {
      if (interfaces?.some((each) => each.name === name) !== false) return undefined;
      const message = `${key}: the interface ${quoted(name)} is not there`;
      return { code: 'no-device', message, hint: '`ip link` lists those that are' };
    }
    case 'program':
      return withoutProgram(key, name, programs.get(name));
  }
}

function withoutProgram(key: string, name: string, state: ProgramState | undefined): Trouble | undefined {
  if (state === undefined || state === 'ready') return undefined;
  if (state === 'not-executable') {
    return { code: 'no-program', message: `${key}: ${quoted(name)} is not executable`, hint: `chmod +x ${name}` };
  }
  const hint =
    key === 'ipvsadm'
      ? 'nothing can be written to the IPVS table: install the package ipvsadm, or let the key name its path'
      : 'install it, or correct the path; there is no shell';
  return { code: 'no-program', message: `${key}: ${quoted(name)} is not there`, hint };
}

function severityOf(need: Need, { role }: Machine, occasion: Occasion): Diagnostic['severity'] {
  if (!need.active) return 'warning';
  switch (occasion.type) {
    case 'check':
      if (need.type === 'device' && isOld(need, occasion.before ?? [])) return 'warning';
      return occasion.strict || role !== undefined ? 'error' : 'warning';
    case 'start':
      // A network card that died, or a bond that comes late, is no mistake of the file.
      return need.type === 'device' ? 'warning' : 'error';
    case 'restart':
      // Without its key a router would not hear the partner, and both would serve.
      return need.type === 'key-file' ? 'error' : 'warning';
    case 'reload':
      return need.type === 'device' && isOld(need, occasion.before) ? 'warning' : 'error';
  }
}

/** Whether the file in force needs that interface, too. */
const isOld = ({ name }: Need, before: readonly Need[]): boolean =>
  before.some((each) => each.type === 'device' && each.active && each.name === name);
