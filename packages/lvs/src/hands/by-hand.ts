// lvs without pulse: reads the file itself, is active at once, and leaves the addresses alone.
import type { LoadedConfiguration } from '@piranha/config';
import { formatDiagnostic, loadConfiguration } from '@piranha/config';
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import { syslogLogger, terminalLogger } from '@piranha/logging';
import type { Occasion } from '@piranha/preflight';
import { gatherMachine, judgeTrust } from '@piranha/preflight';
import type { Startup } from '@piranha/runtime/startup';
import { inTurn, systemClock } from '@piranha/runtime';
import { loggedStartup } from '@piranha/runtime/startup';
import type { Daemon } from './daemon.ts';
import { startDaemon } from './daemon.ts';
import { nannyUserOf } from './nanny-user.ts';
import type { Options } from './options.ts';

/** Runs until it is stopped; gives the exit status. */
export async function runByHand(options: Options, startup: Startup): Promise<number> {
  const logger = (terminal: string, system: string) =>
    options.nodaemon ? terminalLogger(terminal, options) : syslogLogger(system, options);
  const log = logger('lvs', 'lvsd');
  const loaded = await loadHere(options, 'leave-out', { type: 'start' });
  if (!loaded.ok) {
    (options.nodaemon ? startup : loggedStartup(startup, log)).failed(loaded.error.join('\n'), 1);
    await log.close();
    return 1;
  }
  const rereadings = inTurn();
  const daemon = startDaemon({
    options,
    log,
    nannyLog: logger('nanny', 'nanny'),
    tell: () => undefined,
    onReload: () => void rereadings(() => reread(options, log, daemon)),
  });
  await putInForce(loaded.value, log, daemon);
  daemon.dispatch({ type: 'started-by-hand', at: systemClock.now() });
  startup.ready();
  return daemon.ended;
}

/** Reads a file; the error has one line for each complaint. */
export async function load(
  file: string,
  lostNames: 'refuse' | 'leave-out',
): Promise<Outcome<LoadedConfiguration, readonly string[]>> {
  const loaded = await loadConfiguration(file, { lostNames });
  return loaded.ok ? loaded : failure(loaded.error.map((each) => formatDiagnostic(file, each)));
}

/**
 * The same, and whether the programs that the file names can be run here, and nobody but root may change them or the file;
 * the rest of the machine is pulse's matter.
 */
async function loadHere(
  { configfile: file, nanny }: Options,
  lostNames: 'refuse' | 'leave-out',
  occasion: Occasion,
): Promise<Outcome<LoadedConfiguration, readonly string[]>> {
  const loaded = await load(file, lostNames);
  if (!loaded.ok) return loaded;
  const needs = loaded.value.needs.filter(({ type }) => ['program', 'script', 'user'].includes(type));
  const machine = await gatherMachine({ ...loaded.value, needs }, undefined, { '--nanny': nanny });
  const missing = judgeTrust({ ...loaded.value, needs }, machine, occasion);
  if (missing.some(({ severity }) => severity === 'error')) {
    return failure(missing.map((each) => formatDiagnostic(file, each)));
  }
  return success({ ...loaded.value, warnings: [...loaded.value.warnings, ...missing] });
}

/** A file with errors changes nothing. */
async function reread(options: Options, log: Logger, daemon: Daemon): Promise<void> {
  const file = options.configfile;
  log.notice('rereading configuration file', { file });
  const loaded = await loadHere(options, 'refuse', { type: 'reload', before: [] });
  if (loaded.ok) {
    await putInForce(loaded.value, log, daemon);
    return;
  }
  for (const line of loaded.error) log.error(line);
  log.error('the configuration in force is kept', { file });
}

async function putInForce(
  { path, warnings, configuration, digest }: LoadedConfiguration,
  log: Logger,
  daemon: Daemon,
): Promise<void> {
  for (const warning of warnings) log.warning(formatDiagnostic(path, warning));
  const nannyUser = await nannyUserOf(configuration);
  daemon.dispatch({ type: 'configured', at: systemClock.now(), configuration, digest, nannyUser });
}

/** Logs what became of a daemon that could not say it itself. */
export async function logDeath(problem: string, options: Options): Promise<void> {
  const log = syslogLogger('lvsd', options);
  for (const line of problem.split('\n')) log.error(line);
  await log.close();
}
