// Whether this machine can run a configuration at all, and as which router.
import type { Diagnostic, LoadedConfiguration } from '@piranha/config';
import { formatDiagnostic } from '@piranha/config';
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import type { Interface } from '@piranha/protocol';
import { readHeartbeatKey } from './heartbeat-key.ts';
import { findRole, pulseSettings } from './settings.ts';
import type { PulseSettings } from './state.ts';

/** Why pulse does not run with a configuration: text for people, and the exit status. */
export type Refusal = { readonly text: string; readonly code: number };

/** `key` signs heartbeats; undefined where they are not signed. */
export type Fitting = { readonly settings: PulseSettings; readonly key: Uint8Array | undefined };

/** The exit status of a backup that is not wanted (reference/pulse §1.1). */
export const notWanted = 255;

/** The exit status for a file that has to be edited first: starting again would not help (EX_CONFIG of sysexits.h). */
const wrongFile = 78;
const trouble = 1;

/** A file is wrong, but for names without an address: the name server may answer the next time. */
export const refusalOf = (file: string, complaints: readonly Diagnostic[]): Refusal => ({
  text: complaints.map((each) => formatDiagnostic(file, each)).join('\n'),
  code: complaints.every(({ code, severity }) => severity === 'warning' || code === 'unknown-host')
    ? trouble
    : wrongFile,
});

/** What step needs to know of a configuration on this machine, and the key of its heartbeats. */
export async function whatFits(
  loaded: LoadedConfiguration,
  interfaces: readonly Interface[],
): Promise<Outcome<Fitting, Refusal>> {
  const settings = settingsHere(loaded, interfaces);
  if (!settings.ok) return settings;
  const { heartbeatAuth, heartbeatKeyFile } = loaded.configuration;
  if (heartbeatAuth === 'off' || heartbeatKeyFile === undefined || settings.value.channels.length === 0) {
    return success({ settings: settings.value, key: undefined });
  }
  const key = await readHeartbeatKey(heartbeatKeyFile);
  return key.ok
    ? success({ settings: settings.value, key: key.value })
    : failure({ text: `pulse: ${key.error}`, code: wrongFile });
}

function settingsHere(loaded: LoadedConfiguration, interfaces: readonly Interface[]): Outcome<PulseSettings, Refusal> {
  const refuse = (text: string, code: number) => failure({ text: `pulse: ${text}`, code });
  const { configuration } = loaded;
  const role = findRole(configuration, interfaces);
  if (!role.ok) return refuse(role.error, trouble);
  if (role.value === 'backup' && !configuration.backupActive) {
    const text = 'this machine is the backup, and backup_active is 0 in the configuration: nothing to do here';
    return refuse(text, notWanted);
  }
  return success(pulseSettings(loaded, role.value));
}
