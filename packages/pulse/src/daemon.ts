// pulse as a process: sockets, signals and children become events, orders become deeds, until it is stopped.
import { randomBytes } from 'node:crypto';
import { setPriority } from 'node:os';
import type { LoadedConfiguration } from '@piranha/config';
import { formatDiagnostic } from '@piranha/config';
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import type { CloseableLogger, Logger } from '@piranha/logging';
import type { AddressBatch, Startup } from '@piranha/runtime';
import { drive, explain, listenToSignals, removePidFile, systemClock, writePidFile } from '@piranha/runtime';
import { startAnnouncer } from './announcer.ts';
import { configurationSource } from './configuration-source.ts';
import { openControl } from './control.ts';
import type { HeartbeatSockets } from './heartbeat-socket.ts';
import { heartbeatSockets } from './heartbeat-socket.ts';
import { linkMonitor } from './link-monitor.ts';
import { takeDownLeftovers } from './leftovers.ts';
import { makeLvsQuestions } from './lvs-questions.ts';
import type { Options } from './options.ts';
import type { World } from './perform.ts';
import { makeHands } from './perform.ts';
import type { LookAtMachine } from './preflight-warnings.ts';
import { lookAtMachine } from './preflight-warnings.ts';
import { raisedFile } from './raised-file.ts';
import type { PulseEvent, PulseSettings } from './state.ts';
import { initialState, nextDeadline, step } from './step.ts';
import type { Fitting } from './suitability.ts';
import { notWanted, whatFits } from './suitability.ts';

/** What was found out before the start, and what is open already. */
export type Start = Fitting & {
  readonly options: Options;
  readonly startup: Startup;
  readonly log: CloseableLogger;
  readonly addresses: AddressBatch;
  readonly loaded: LoadedConfiguration;
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
  const sockets = heartbeatSockets(log);
  const opened = await sockets.use(settings.channels, loaded.configuration.heartbeatPort);
  if (!opened.ok) {
    await addresses.close();
    await log.close();
    startup.failed(`pulse: ${opened.error}`, 1);
    return;
  }
  sockets.useKey(start.key);
  for (const warning of loaded.warnings) log.warning(formatDiagnostic(loaded.path, warning));
  settleIn(start);
  const look = lookAtMachine(log);
  begin({ ...start, look }, sockets);
  startup.ready();
  look(loaded.configuration);
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

/** With what looks for trouble on this machine. */
type Running = Start & { readonly look: LookAtMachine };

function begin(start: Running, sockets: HeartbeatSockets): void {
  const { options, log, addresses } = start;
  const now = systemClock.now;
  const announcer = startAnnouncer(options.sendArp, log);
  const source = configurationSource(start.loaded, log, (fresh) => prepare(fresh));
  const shared = { clock: systemClock, log, addresses, questions: makeLvsQuestions(), loaded: source.inForce };
  const onBug = (error: unknown): void => {
    log.error('a defect in pulse', { error: explain(error) });
    void end(bugStatus);
  };
  const raised = raisedFile(log);
  const driver = startDriver(start, {
    ...{ ...shared, sockets, announcer, raised, onBug },
    onExit: () => void end(0),
  });
  process.on('uncaughtException', onBug);
  const { state, dispatch } = driver;
  sockets.listen((datagram, channel) => {
    dispatch({ type: 'datagram', at: now(), channel, datagram });
  });
  const control = openControl({ ...shared, state, dispatch, dropped: sockets.counters });
  const links = watchLinks(start, dispatch);
  const stop = (reason: string): void => {
    dispatch({ type: 'stop', at: now(), reason });
  };
  const prepare = preparer(start, sockets, {
    onConfigured: (fresh) => {
      links.use(fresh);
      dispatch({ type: 'configured', at: now(), settings: fresh });
    },
    onNotWanted: stop,
  });
  const ignoreSignals = listenToSignals({
    onStop: (name) => {
      stop(`Terminating due to signal ${name}`);
    },
    onReload: source.reload,
  });
  const end = async (status: number): Promise<void> => {
    driver.stop();
    source.stop();
    ignoreSignals();
    await leave(start, status, [control, links, sockets, addresses, announcer]);
  };
  void takeDownLeftovers(start.settings.addresses, raised, addresses, log);
  dispatch({ type: 'started', at: now(), force: options.forceactive, adopted: undefined });
  links.use(start.settings);
}

/** Watches the links under the heartbeat's addresses, where the file wants it. */
function watchLinks({ log, addresses }: Start, dispatch: (event: PulseEvent) => void) {
  const monitor = linkMonitor({
    ...{ clock: systemClock, log, interfaces: addresses.interfaces },
    onLinks: (links) => {
      dispatch({ type: 'links', at: systemClock.now(), links });
    },
  });
  return {
    use: ({ monitorLinks, channels }: PulseSettings): void => {
      monitor.use(monitorLinks ? channels : []);
    },
    close: monitor.close,
  };
}

type Surroundings = Omit<World, 'lvs' | 'onLvsLog' | 'dispatch'> & { readonly onBug: (error: unknown) => void };

const startDriver = ({ options, log, settings }: Start, { onBug, ...around }: Surroundings) =>
  drive({
    initial: initialState(settings, newSession()),
    step,
    nextDeadline,
    hands: (dispatch) => makeHands({ ...around, dispatch, lvs: lvsCommand(options), onLvsLog: lvsLog(options, log) }),
    clockEvent: (at) => ({ type: 'clock', at }) as const,
    clock: systemClock,
    onBug,
  });

/** Random: who hears it knows this life of pulse from every other. */
const newSession = (): bigint => randomBytes(8).readBigUInt64BE() || 1n;

type Outlets = {
  readonly onConfigured: (settings: PulseSettings) => void;
  readonly onNotWanted: (why: string) => void;
};

/** What has to work before a new configuration may be put in force: this machine's role and the heartbeat sockets. */
function preparer({ addresses, look }: Running, sockets: HeartbeatSockets, { onConfigured, onNotWanted }: Outlets) {
  return async (fresh: LoadedConfiguration): Promise<Outcome<() => void, string>> => {
    const interfaces = await addresses.interfaces();
    if (!interfaces.ok) return interfaces;
    const fitting = await whatFits(fresh, interfaces.value);
    if (!fitting.ok) {
      const { text, code } = fitting.error;
      // Two owners would be worse than none: the primary may be alone already.
      if (code === notWanted) onNotWanted(text);
      return failure(text);
    }
    const { settings, key } = fitting.value;
    const { channels } = settings;
    // A former partner goes on hearing that this router is active, and stays where it is.
    const opened =
      channels.length === 0 ? success(undefined) : await sockets.use(channels, fresh.configuration.heartbeatPort);
    if (!opened.ok) return opened;
    return success(() => {
      if (channels.length > 0) sockets.useKey(key);
      onConfigured(settings);
      look(fresh.configuration);
    });
  };
}

/** The end: closes what is open, but is not held up by it. */
async function leave(
  { options, log }: Start,
  status: number,
  open: readonly { readonly close: () => Promise<void> }[],
): Promise<void> {
  if (!options.nodaemon) removePidFile(pidFile);
  setTimeout(() => process.exit(status), mostCloseTime).unref();
  await Promise.allSettled(open.map((each) => each.close()));
  await log.close();
  process.exit(status);
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
