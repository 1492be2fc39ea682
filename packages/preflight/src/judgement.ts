// Whether this machine has what a file needs. What is missing is a mistake of the file's only where the file is meant for
// this machine, and never stops what works already.
import type { Configuration, Diagnostic, LoadedConfiguration, Need } from '@piranha/config';
import { quoted } from '@piranha/config';
import type { Exposure, ProgramState } from '@piranha/runtime/trust';
import { barredProgram, judgeUsual, lostUser } from './check-user.ts';
import { grouped } from './grouped.ts';
import type { Machine, Occasion, Trouble } from './machine.ts';

/** The role first, then who may change the file, then all that is missing, in the order of the file. */
export const judgeMachine = (
  loaded: Pick<LoadedConfiguration, 'configuration' | 'needs' | 'rolePlace'>,
  machine: Machine,
  occasion: Occasion,
): readonly Diagnostic[] => [...judgeRole(loaded, machine, occasion), ...judgeTrust(loaded, machine, occasion)];

/** What can be judged without knowing which router this is: the file, the programs of the command line, and all needs. */
export const judgeTrust = (
  loaded: Pick<LoadedConfiguration, 'configuration' | 'needs'>,
  machine: Machine,
  occasion: Occasion,
): readonly Diagnostic[] => [
  ...judgeFile(machine, occasion),
  ...judgeOwn(loaded.configuration, machine, occasion),
  ...judgeUsual(machine, occasion),
  ...judgeNeeds(loaded, machine, occasion),
];

/** Whoever may write the file controls what root does, so a restarting router refuses it, too. */
function judgeFile({ file, installed }: Machine, occasion: Occasion): readonly Diagnostic[] {
  if (file === undefined || occasion.type === 'names') return [];
  // A draft may lie anywhere.
  const severity = occasion.type === 'check' && !occasion.strict && !installed ? 'warning' : 'error';
  const message = `others than root may change this file, and what pulse runs as root with it: ${file.problem}`;
  return [{ line: 0, column: 0, severity, code: 'insecure-file', message, hint: file.cure }];
}

function judgeOwn(configuration: Configuration, machine: Machine, occasion: Occasion): readonly Diagnostic[] {
  return [...machine.ownExposed].map(([option, exposure]) => ({
    ...{ line: 0, column: 0, severity: severityOfExposed(configuration, machine, occasion) },
    ...insecure(option, exposure, configuration.insecurePrograms),
  }));
}

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
function judgeNeeds(
  { configuration, needs }: Pick<LoadedConfiguration, 'configuration' | 'needs'>,
  machine: Machine,
  occasion: Occasion,
): readonly Diagnostic[] {
  const missing = needs.flatMap((need) => {
    const trouble = troubleOf(need, machine, configuration.insecurePrograms);
    if (trouble === undefined) return [];
    const exposed = need.active && ['insecure-program', 'insecure-key'].includes(trouble.code);
    const severity = exposed
      ? severityOfExposed(configuration, machine, occasion)
      : severityOf(need, machine, occasion);
    return [{ need, trouble, severity }];
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

function troubleOf({ type, key, name }: Need, machine: Machine, allowed: boolean): Trouble | undefined {
  const { interfaces, programs, exposed, keys } = machine;
  switch (type) {
    case 'key-file': {
      const secret = keys.get(name);
      if (secret?.ok !== false) return exposedKey(key, exposed.get(name), allowed);
      return { code: 'key-file', message: `${key} ${secret.error}`, hint: undefined };
    }
    case 'device': {
      if (interfaces?.some((each) => each.name === name) !== false) return undefined;
      const message = `${key}: the interface ${quoted(name)} is not there`;
      return { code: 'no-device', message, hint: '`ip link` lists those that are' };
    }
    case 'script':
      return exposedProgram(key, exposed.get(name), allowed) ?? barredProgram(key, name, machine);
    case 'program':
      return (
        withoutProgram(key, name, programs.get(name)) ??
        exposedProgram(key, exposed.get(name), allowed) ??
        barredProgram(key, name, machine)
      );
    case 'user':
      return lostUser(machine.checkUser);
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

const exposedProgram = (key: string, exposure: Exposure | undefined, allowed: boolean): Trouble | undefined =>
  exposure === undefined ? undefined : insecure(key, exposure, allowed);

const insecure = (key: string, { problem, cure }: Exposure, allowed: boolean) => ({
  code: 'insecure-program' as const,
  message: `${key}: others than root may change what is run here: ${problem}`,
  hint: allowed ? cure : `${cure}; insecure_programs = 1 runs it all the same`,
});

function exposedKey(key: string, exposure: Exposure | undefined, allowed: boolean): Trouble | undefined {
  if (exposure === undefined) return undefined;
  const message = `${key}: others than root may put another key here: ${exposure.problem}`;
  const hint = allowed ? exposure.cure : `${exposure.cure}; insecure_programs = 1 takes it all the same`;
  return { code: 'insecure-key', message, hint };
}

/** A running router has run it already: a start that must not end that changes nothing. */
function severityOfExposed(
  { insecurePrograms }: Configuration,
  { role }: Machine,
  occasion: Occasion,
): Diagnostic['severity'] {
  if (insecurePrograms) return 'warning';
  switch (occasion.type) {
    case 'check': {
      // On a router of the file it would be refused at the next start and reload.
      return occasion.strict || role !== undefined ? 'error' : 'warning';
    }
    case 'start':
    case 'reload':
      return 'error';
    case 'restart':
    case 'names':
      return 'warning';
  }
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
    case 'names':
      // Without its key a router would not hear the partner, and both would serve.
      return need.type === 'key-file' ? 'error' : 'warning';
    case 'reload':
      return need.type === 'device' && isOld(need, occasion.before) ? 'warning' : 'error';
  }
}

/** Whether the file in force needs that interface, too. */
const isOld = ({ name }: Need, before: readonly Need[]): boolean =>
  before.some((each) => each.type === 'device' && each.active && each.name === name);
