// pulse as a process: sockets, signals and children become events, orders become deeds, until it is stopped.
import { setPriority } from 'node:os';
import type { LoadedConfiguration } from '@piranha/config';
import { formatDiagnostic, loadConfiguration } from '@piranha/config';
import type { CloseableLogger, Logger } from '@piranha/logging';
import type { AddressBatch, Startup } from '@piranha/runtime';
import { drive, explain, inTurn, listenToSignals, removePidFile, systemClock, writePidFile } from '@piranha/runtime';
import type { Announcer } from './announcer.ts';
import { startAnnouncer } from './announcer.ts';
import type { HeartbeatSockets } from './heartbeat-socket.ts';
import { openHeartbeatSockets } from './heartbeat-socket.ts';
import type { Options } from './options.ts';
import type { World } from './perform.ts';
import { makeHands } from './perform.ts';
import { changesChannels, channelsOf, pulseSettings } from './settings.ts';
import type { PulseSettings } from './state.ts';
import { initialState, nextDeadline, step } from './step.ts';

/** What was found out before the start, and what is open already. */
export type Start = {
  readonly options: Options;
  readonly startup: Startup;
  readonly log: CloseableLogger;
  readonly addresses: AddressBatch;
  readonly loaded: LoadedConfiguration;
  readonly settings: PulseSettings;
};

const pidFile = '/run/pulse.pid';
const bugStatus = 70;
/** Closing takes a few ms; nothing may hold up the end longer than this (ms). */
const mostCloseTime = 3000;
/** Heartbeats before everything else on this machine. */
const ownPriority = -20;

/** Opens the heartbeat sockets and begins; or reports why that is not possible. */
export async function startDaemon(start: Start): Promise<void> {
  const { startup, log, addresses, loaded, settings } = start;
  const channels = channelsOf(loaded.configuration, settings.role);
  const sockets = await openHeartbeatSockets(channels, loaded.configuration.heartbeatPort, log);
  if (!sockets.ok) {
    await addresses.close();
    await log.close();
    startup.failed(`pulse: ${sockets.error}`, 1);
    return;
  }
  for (const warning of loaded.warnings) log.warning(formatDiagnostic(loaded.path, warning));
  settleIn(start);
  begin(start, sockets.value);
  startup.ready();
}

/** Priority and pid file: without them pulse runs on, and says so. */
function settleIn({ options, log }: Start): void {
  const attempt = (what: string, act: () => void): void => {
    try {
      act();
    } catch (error) {
      log.warning(what, { problem: String(error) });
    }
  };
  attempt('pulse runs without raised priority', () => {
    setPriority(ownPriority);
  });
  if (options.nodaemon) return;
  attempt('the pid file could not be written', () => {
    writePidFile(pidFile);
  });
}

function begin(start: Start, sockets: HeartbeatSockets): void {
  const { options, log, addresses, settings } = start;
  const now = systemClock.now;
  const announcer = startAnnouncer(options.sendArp, log);
  let inForce = start.loaded;
  const onBug = (error: unknown): void => {
    log.error('a defect in pulse', { error: explain(error) });
    void end(bugStatus);
  };
  const driver = drive({
    initial: initialState(settings),
    step,
    nextDeadline,
    hands: (dispatch) =>
      makeHands({
        ...{ clock: systemClock, log, sockets, addresses, announcer, dispatch },
        loaded: () => inForce,
        lvs: lvsCommand(options),
        onLvsLog: lvsLog(options, log),
        onExit: () => void end(0),
      }),
    clockEvent: (at) => ({ type: 'clock', at }) as const,
    clock: systemClock,
    onBug,
  });
  process.on('uncaughtException', onBug);
  sockets.listen((word, channel) => {
    driver.dispatch({ type: 'heartbeat', at: now(), channel, word });
  });
  const reload = reloader(options.configfile, log, (fresh) => {
    warnOfChannels(start, fresh);
    inForce = fresh;
    driver.dispatch({ type: 'configured', at: now(), settings: pulseSettings(fresh, settings.role) });
  });
  const ignoreSignals = listenToSignals({
    onStop: (name) => {
      driver.dispatch({ type: 'stop', at: now(), reason: `Terminating due to signal ${name}` });
    },
    onReload: reload,
  });
  const end = async (status: number): Promise<void> => {
    driver.stop();
    ignoreSignals();
    if (!options.nodaemon) removePidFile(pidFile);
    setTimeout(() => process.exit(status), mostCloseTime).unref();
    await closeAll(sockets, addresses, announcer, log);
    process.exit(status);
  };
  driver.dispatch({ type: 'started', at: now(), force: options.forceactive });
}

/** Sockets stay as they were opened. */
function warnOfChannels({ loaded, settings, log }: Start, fresh: LoadedConfiguration): void {
  if (!changesChannels(loaded.configuration, fresh.configuration, settings.role)) return;
  log.warning("the routers' addresses or the heartbeat port have changed: that takes effect at a restart of pulse");
}

async function closeAll(
  sockets: HeartbeatSockets,
  addresses: AddressBatch,
  announcer: Announcer,
  log: CloseableLogger,
): Promise<void> {
  await Promise.allSettled([sockets.close(), addresses.close(), announcer.close()]);
  await log.close();
}

const lvsCommand = ({ lvsd, nodaemon, configfile, verbose }: Options): World['lvs'] => ({
  file: lvsd,
  args: ['--pulse', nodaemon ? '--nodaemon' : '--nofork', '-c', configfile, ...(verbose ? ['-v'] : [])],
});

/** In the foreground lvs' lines go to our terminal as they are; a daemon's lvs has the system log. */
const lvsLog =
  ({ nodaemon }: Options, log: Logger) =>
  (line: string): void => {
    if (nodaemon) process.stdout.write(`${line}\n`);
    else log.warning(line);
  };

/** Reads the file again, one reading at a time. A file with errors changes nothing. */
function reloader(file: string, log: Logger, accept: (loaded: LoadedConfiguration) => void): () => void {
  const oneByOne = inTurn();
  let waiting = false;
  const read = async (): Promise<void> => {
    waiting = false;
    log.notice('rereading configuration file', { file });
    const loaded = await loadConfiguration(file);
    if (loaded.ok) {
      for (const warning of loaded.value.warnings) log.warning(formatDiagnostic(file, warning));
      accept(loaded.value);
      return;
    }
    for (const diagnostic of loaded.error) log.error(formatDiagnostic(file, diagnostic));
    log.error('the configuration in force is kept', { file });
  };
  return () => {
    if (waiting) return;
    waiting = true;
    void oneByOne(read);
  };
}
