// Everything that can keep pulse from starting: options, configuration, role. Then the daemon.
import type { LoadedConfiguration } from '@piranha/config';
import { formatDiagnostic, loadConfiguration } from '@piranha/config';
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import { syslogLogger, terminalLogger } from '@piranha/logging';
import type { Occasion } from '@piranha/preflight';
import type { Interface } from '@piranha/protocol';
import type { AddressBatch } from '@piranha/runtime';
import { daemonStartup, foregroundStartup, isDaemonChild, loggedStartup, openAddressBatch } from '@piranha/runtime';
import type { Start } from './daemon.ts';
import { startDaemon } from './daemon.ts';
import { somebodyServes } from './left-behind.ts';
import type { Options } from './options.ts';
import { ownershipAt } from './ownership.ts';
import type { Fitting, Refusal } from './suitability.ts';
import { refusalOf, whatFits } from './suitability.ts';

/** Runs pulse until it has begun its work, in this process. */
export async function run(options: Options): Promise<void> {
  const foreground = options.nodaemon || options.testStart;
  const log = foreground ? terminalLogger('pulse', options) : syslogLogger('pulse', options);
  const reporting = isDaemonChild() ? daemonStartup() : foregroundStartup;
  const startup = foreground ? reporting : loggedStartup(reporting, log);
  const addresses = openAddressBatch();
  const prepared = await prepare(options, addresses, log);
  if (!prepared.ok || options.testStart) {
    await addresses.close();
    if (prepared.ok) tellOfTest(options.configfile, prepared.value);
    else startup.failed(prepared.error.text, prepared.error.code);
    await log.close();
    return;
  }
  await startDaemon({ options, startup, log, addresses, ...prepared.value });
}

/** What a start needs to know. */
type Prepared = Fitting & Pick<Start, 'loaded' | 'interfaces'>;

async function prepare(options: Options, addresses: AddressBatch, log: Logger): Promise<Outcome<Prepared, Refusal>> {
  const file = options.configfile;
  const loaded = await loadConfiguration(file, { lostNames: 'leave-out' });
  if (!loaded.ok) return failure(refusalOf(file, loaded.error));
  const interfaces = await addresses.interfaces();
  if (!interfaces.ok) {
    return failure({ text: `pulse: the machine's addresses can not be read: ${interfaces.error}`, code: 1 });
  }
  const occasion = options.testStart ? start : occasionOf(loaded.value, interfaces.value, log);
  const fitting = await whatFits(loaded.value, interfaces.value, occasion);
  return fitting.ok ? success({ loaded: loaded.value, interfaces: interfaces.value, ...fitting.value }) : fitting;
}

const start: Occasion = { type: 'start' };

const occasionOf = ({ configuration }: LoadedConfiguration, interfaces: readonly Interface[], log: Logger): Occasion =>
  somebodyServes(configuration, interfaces, ownershipAt(log)) ? { type: 'restart' } : start;

/** What a test start has found: complaints that would keep nothing from starting, and the role. */
function tellOfTest(file: string, { loaded, remarks, settings }: Prepared): void {
  const complaints = [...remarks, ...loaded.warnings].map((each) => `${formatDiagnostic(file, each)}\n`);
  process.stderr.write(complaints.join(''));
  process.stdout.write(`${file} is good; this machine is the ${settings.role}\n`);
}

/** Logs what became of a daemon that could not say it itself. */
export async function logDeath(problem: string, options: Options): Promise<void> {
  const log = syslogLogger('pulse', options);
  for (const line of problem.split('\n')) log.error(line);
  await log.close();
}
