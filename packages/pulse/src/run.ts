// Everything that can keep pulse from starting: options, configuration, role. Then the daemon.
import type { LoadedConfiguration } from '@piranha/config';
import { formatDiagnostic, loadConfiguration } from '@piranha/config';
import type { Outcome } from '@piranha/domain';
import { descriptorShortage, descriptorsNeeded, failure, success, visible } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import { syslogLogger, terminalLogger } from '@piranha/logging';
import type { Occasion } from '@piranha/preflight';
import type { Interface } from '@piranha/protocol';
import { raiseDescriptorLimit, systemClock } from '@piranha/runtime';
import { openAddressBatch, raisedFile } from '@piranha/runtime/addresses';
import { othersShown, shownLvs } from '@piranha/runtime/processes';
import { afterReady, daemonStartup, foregroundStartup, isDaemonChild, loggedStartup } from '@piranha/runtime/startup';
import type { Start } from './hands/daemon.ts';
import { startDaemon } from './hands/daemon.ts';
import { takeDownLeftovers } from './hands/leftovers.ts';
import type { Options } from './hands/options.ts';
import { takePlace } from './hands/settle-in.ts';
import { ownershipAt } from './hands/ownership.ts';
import type { Fitting, Refusal } from './hands/suitability.ts';
import { refusalOf, whatFits } from './hands/suitability.ts';
import { timersFile } from './hands/timers-file.ts';
import { waitForAddress } from './hands/wait-for-address.ts';
import { somebodyServes } from './hands/what-is-left.ts';

/** Runs pulse until it has begun its work, in this process. */
export async function run(options: Options): Promise<void> {
  // The folder of whoever started it may have to be unmounted one day.
  if (!options.testStart) process.chdir('/');
  const limit = raiseDescriptorLimit();
  const { log, startup } = openReports(options);
  const raised = raisedFile(log.error);
  const addresses = openAddressBatch({ raised, warn: log.warning });
  const memories = { ownership: ownershipAt(log), timers: timersFile(log) };
  const refuse = async ({ text, code }: Refusal): Promise<void> => {
    await addresses.close();
    startup.failed(text, code);
    await log.close();
  };
  const loaded = await load(options);
  if (!loaded.ok) return refuse(loaded.error);
  const fitting = await fit(loaded.value, { options, addresses, memories });
  if (!fitting.ok && (options.testStart || fitting.error.waitsFor === undefined)) return refuse(fitting.error);
  if (options.testStart) {
    await addresses.close();
    if (fitting.ok) tellOfTest(options.configfile, fitting.value);
    return log.close();
  }
  const place = await takePlace(options, log, raised);
  if (!place.ok) return refuse({ text: `pulse: ${place.error}`, code: 1 });
  warnOfShortage(limit, log);
  const around = { options, startup, log, addresses, memories, place: place.value };
  if (fitting.ok) await startDaemon({ ...around, ...fitting.value });
  else await beginLater(around, loaded.value, fitting.error.waitsFor ?? '');
}

/** Where the log goes, and how whoever started pulse learns what became of that. */
function openReports(options: Options): Pick<Start, 'log' | 'startup'> {
  const foreground = options.nodaemon || options.testStart;
  const log = foreground ? terminalLogger('pulse', options) : syslogLogger('pulse', options);
  const reporting = isDaemonChild() ? daemonStartup() : foregroundStartup;
  return { log, startup: foreground ? reporting : loggedStartup(reporting, log) };
}

/** Connections of administrators, and the children of pulse itself. */
const ownNeeds = { servers: 16, children: 8 };

function warnOfShortage(limit: number, log: Logger): void {
  const shortage = descriptorShortage(limit, descriptorsNeeded(ownNeeds));
  if (shortage !== undefined) log.warning(shortage);
}

/** What a start needs to know. */
type Prepared = Fitting & Pick<Start, 'loaded' | 'interfaces'>;
type Around = Pick<Start, 'options' | 'startup' | 'log' | 'addresses' | 'memories' | 'place'>;

async function load({ configfile }: Options): Promise<Outcome<LoadedConfiguration, Refusal>> {
  const loaded = await loadConfiguration(configfile, { lostNames: 'leave-out' });
  return loaded.ok ? loaded : failure(refusalOf(configfile, loaded.error));
}

async function fit(
  loaded: LoadedConfiguration,
  { options, addresses, memories }: Pick<Start, 'options' | 'addresses' | 'memories'>,
): Promise<Outcome<Prepared, Refusal>> {
  const interfaces = await addresses.interfaces();
  if (!interfaces.ok) {
    return failure({ text: `pulse: the machine's addresses cannot be read: ${interfaces.error}`, code: 1 });
  }
  const occasion = options.testStart ? start : occasionOf(loaded, interfaces.value, memories);
  const fitting = await whatFits(loaded, interfaces.value, occasion, options);
  return fitting.ok ? success({ loaded, interfaces: interfaces.value, ...fitting.value }) : fitting;
}

/** Tells that pulse is there and waits for its address, and begins when it has one. */
async function beginLater(around: Around, first: LoadedConfiguration, missing: string): Promise<void> {
  const { options, startup, log, addresses, place } = around;
  const text = `pulse waits for ${missing}`;
  startup.ready(text);
  place.manager?.ready();
  place.manager?.status(text);
  place.manager?.watch(() => true);
  // Nobody is here to own what an earlier life has left up. A living lvs takes it down itself.
  if (othersShown(shownLvs).length === 0) await takeDownLeftovers([], place.raised, addresses, log);
  let loaded = first;
  const reread = async (): Promise<readonly string[]> => {
    const fresh = await load(options);
    const judged = fresh.ok ? await fit(fresh.value, around) : fresh;
    // Whatever else it lacks it lacks for good, and the file before it was good.
    if (!judged.ok && judged.error.waitsFor === undefined) return judged.error.text.split('\n');
    if (fresh.ok) loaded = fresh.value;
    return [];
  };
  const waited = await waitForAddress<Prepared>(
    {
      ...{ clock: systemClock, log, file: options.configfile },
      reread,
      look: async () => {
        const fitting = await fit(loaded, around);
        // An `ip` that gives no answer is asked again.
        return fitting.ok || fitting.error.code !== 1 ? fitting : failure({ waitsFor: missing, ...fitting.error });
      },
    },
    missing,
  );
  if (waited !== 'stopped' && waited.ok) return startDaemon({ ...around, startup: afterReady(log), ...waited.value });
  if (waited !== 'stopped') afterReady(log).failed(waited.error.text, waited.error.code);
  place.manager?.stopping();
  place.manager?.close();
  await Promise.all([place.leave(), addresses.close()]);
  await log.close();
}

const start: Occasion = { type: 'start' };

const occasionOf = (
  { configuration }: LoadedConfiguration,
  interfaces: readonly Interface[],
  memories: Start['memories'],
): Occasion => (somebodyServes(configuration, interfaces, memories) ? { type: 'restart' } : start);

/** What a test start has found: complaints that would keep nothing from starting, and the role. */
function tellOfTest(file: string, { loaded, remarks, settings }: Prepared): void {
  const complaints = [...remarks, ...loaded.warnings].map((each) => `${formatDiagnostic(file, each)}\n`);
  process.stderr.write(complaints.join(''));
  process.stdout.write(`${visible(file)} is good; this machine is the ${settings.role}\n`);
}

/** Logs what became of a daemon that could not say it itself. */
export async function logDeath(problem: string, options: Options): Promise<void> {
  const log = syslogLogger('pulse', options);
  for (const line of problem.split('\n')) log.error(line);
  await log.close();
}
