// Whether this machine can run a configuration at all, and as which router.
import type { Configuration, Diagnostic, DiagnosticCode, LoadedConfiguration } from '@piranha/config';
import { formatDiagnostic } from '@piranha/config';
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import type { Machine, Occasion, OwnPrograms } from '@piranha/preflight';
import { gatherMachine, judgeMachine } from '@piranha/preflight';
import type { Interface } from '@piranha/protocol';
import type { Options } from './options.ts';
import { awaitedAddress } from '../rules/awaited-address.ts';
import { pulseSettings } from '../rules/settings.ts';
import type { Trust } from './socket-guard.ts';
import type { PulseSettings } from '../state.ts';

/** Why pulse does not run with a configuration: text for people, and the exit status. */
export type Refusal = {
  readonly text: string;
  readonly code: number;
  /** Addresses that this machine may get later, where nothing else is wrong: then pulse can begin. */
  readonly waitsFor?: string | undefined;
};

/**
 * What step needs to know of a configuration on this machine, and what makes a heartbeat the partner's. `remarks` are complaints that keep nothing from starting.
 */
export type Fitting = {
  readonly settings: PulseSettings;
  readonly trust: Trust;
  readonly remarks: readonly Diagnostic[];
};

/** The exit status of a backup that is not wanted (reference/pulse §1.1). */
export const notWanted = 255;

/** The exit status for a file that has to be edited first: starting again would not help (EX_CONFIG of sysexits.h). */
const wrongFile = 78;
const trouble = 1;

/** What may be otherwise at the next try, without a change of the file. */
const passing: ReadonlySet<DiagnosticCode> = new Set(['unknown-host', 'no-role', 'no-program']);

/** Why a file is refused, one line for each complaint, and the exit status. */
export function refusalOf(file: string, complaints: readonly Diagnostic[]): Refusal {
  const codes = complaints.flatMap(({ code, severity }) => (severity === 'error' ? [code] : []));
  const text = complaints.map((each) => formatDiagnostic(file, each)).join('\n');
  if (codes.includes('not-wanted')) return { text, code: notWanted };
  return { text, code: codes.every((code) => passing.has(code)) ? trouble : wrongFile };
}

/** Undefined where more than the address is missing. */
const awaited = (
  configuration: Configuration,
  interfaces: readonly Interface[],
  found: readonly Diagnostic[],
): string | undefined =>
  found.every(({ severity, code }) => severity === 'warning' || code === 'no-role')
    ? awaitedAddress(configuration, interfaces)
    : undefined;

/** Whether this machine can run a configuration: as which router, and whether it has all that the file needs. */
export async function whatFits(
  loaded: LoadedConfiguration,
  interfaces: readonly Interface[],
  occasion: Occasion,
  options: Pick<Options, 'lvsd' | 'sendArp'>,
): Promise<Outcome<Fitting, Refusal>> {
  const machine = await gatherMachine(loaded, interfaces, ownPrograms(options));
  const found = judgeMachine(loaded, machine, occasion);
  if (machine.role === undefined || found.some(({ severity }) => severity === 'error')) {
    return failure({ ...refusalOf(loaded.path, found), waitsFor: awaited(loaded.configuration, interfaces, found) });
  }
  const settings = pulseSettings(loaded, machine.role);
  return success({ settings, trust: trustOf(loaded.configuration, machine), remarks: found });
}

/** Where nothing is signed no file was read. */
function trustOf(
  { heartbeatKeyFile, heartbeatSecondKeyFile, ...configuration }: Configuration,
  { keys }: Machine,
): Trust {
  const read = [heartbeatKeyFile, heartbeatSecondKeyFile].flatMap((path) => {
    const key = path === undefined ? undefined : keys.get(path);
    return key?.ok === true ? [key.value] : [];
  });
  return { keys: read, auth: configuration.heartbeatAuth, ttl: configuration.heartbeatTtl };
}

/** What pulse starts for itself. */
const ownPrograms = ({ lvsd, sendArp }: Pick<Options, 'lvsd' | 'sendArp'>): OwnPrograms => ({
  '--lvsd': lvsd,
  '--send-arp': sendArp,
});
