// Everything that can keep pulse from starting: options, configuration, role. Then the daemon.
import type { LoadedConfiguration } from '@piranha/config';
import { formatDiagnostic, loadConfiguration } from '@piranha/config';
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import { syslogLogger, terminalLogger } from '@piranha/logging';
import type { AddressBatch } from '@piranha/runtime';
import { daemonise, daemonStartup, foregroundStartup, isDaemonChild, openAddressBatch } from '@piranha/runtime';
import { startDaemon } from './daemon.ts';
import type { Options } from './options.ts';
import { findRole, pulseSettings } from './settings.ts';
import type { PulseSettings } from './state.ts';

/** Why pulse does not start: text for people, and the exit status. */
type Refusal = { readonly text: string; readonly code: number };

/** Runs pulse; in the background unless `-n`. */
export async function run(options: Options): Promise<void> {
  if (!options.nodaemon && !options.testStart && !isDaemonChild()) {
    process.exitCode = await daemonise();
    return;
  }
  const startup = isDaemonChild() ? daemonStartup() : foregroundStartup;
  const foreground = options.nodaemon || options.testStart;
  const log = foreground ? terminalLogger('pulse', options) : syslogLogger('pulse', options);
  const addresses = openAddressBatch();
  const prepared = await prepare(options, addresses);
  if (!prepared.ok || options.testStart) {
    await addresses.close();
    await log.close();
    if (!prepared.ok) startup.failed(prepared.error.text, prepared.error.code);
    return;
  }
  await startDaemon({ options, startup, log, addresses, ...prepared.value });
}

/** What a start needs to know. */
type Prepared = { readonly loaded: LoadedConfiguration; readonly settings: PulseSettings };

async function prepare(options: Options, addresses: AddressBatch): Promise<Outcome<Prepared, Refusal>> {
  const refuse = (text: string, code = 1) => failure({ text: `pulse: ${text}`, code });
  const file = options.configfile;
  const loaded = await loadConfiguration(file);
  if (!loaded.ok)
    return failure({ text: loaded.error.map((each) => formatDiagnostic(file, each)).join('\n'), code: 1 });
  const { configuration } = loaded.value;
  if (configuration.service === 'fos') return refuse('service = fos: failover services are not built yet');
  if (!configuration.virtualServers.some((virtual) => virtual.active)) {
    return refuse(`no active lvs services defined in ${file}`);
  }
  const interfaces = await addresses.interfaces();
  if (!interfaces.ok) return refuse(`the machine's addresses can not be read: ${interfaces.error}`);
  const role = findRole(configuration, interfaces.value);
  if (!role.ok) return refuse(role.error);
  if (role.value === 'backup' && !configuration.backupActive) {
    return refuse('this machine is the backup, and backup_active is 0 in the configuration: nothing to do here', 255);
  }
  return success({ loaded: loaded.value, settings: pulseSettings(loaded.value, role.value) });
}
