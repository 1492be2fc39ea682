// pulse as a process: sockets, signals and children become events, orders become deeds, until it is stopped.
import { randomBytes } from 'node:crypto';
import type { LoadedConfiguration } from '@piranha/config';
import { formatDiagnostic } from '@piranha/config';
import type { Instant, Outcome } from '@piranha/domain';
import { failure, instant, success, visible } from '@piranha/domain';
import type { CloseableLogger, Logger } from '@piranha/logging';
import type { Occasion } from '@piranha/preflight';
import type { Interface } from '@piranha/protocol';
import type { AddressBatch } from '@piranha/runtime/addresses';
import type { Startup } from '@piranha/runtime/startup';
import { drive, explain, listenToSignals, systemClock, toMachineTime } from '@piranha/runtime';
import { whyPast } from '../rules/acceptance.ts';
import type { LivingLvs } from './adopted-lvs.ts';
import { findLvs } from './adopted-lvs.ts';
import { startAnnouncer } from './announcer.ts';
import { configurationSource } from './configuration-source.ts';
import { openControl } from './control.ts';
import type { HeartbeatSockets } from './heartbeat-socket.ts';
import { watchForForeign } from './foreign-watch.ts';
import { heartbeatSockets } from './heartbeat-socket.ts';
import { linkMonitor } from './link-monitor.ts';
import { takeDownLeftovers } from './leftovers.ts';
import { makeLvsQuestions } from './lvs-questions.ts';
import type { Options } from './options.ts';
import type { World } from '../perform.ts';
import { makeHands } from '../perform.ts';
import type { Ownership } from './ownership.ts';
import type { LookAtMachine } from './preflight-warnings.ts';
import { lookAtMachine } from './preflight-warnings.ts';
import type { PulseEvent } from '../events.ts';
import type { PulseSettings, PulseState } from '../state.ts';
import { initialState, nextDeadline, step } from '../step.ts';
import type { Place } from './settle-in.ts';
import type { Fitting } from './suitability.ts';
import { notWanted, whatFits } from './suitability.ts';
import type { TimersFile } from './timers-file.ts';
import { whatIsLeft } from './what-is-left.ts';

/** What was found out before the start, and what is open already. */
export type Start = Fitting & {
  readonly options: Options;
  readonly startup: Startup;
  readonly log: CloseableLogger;
  readonly addresses: AddressBatch;
  /** What outlives this pulse. The file of ownership is written with every heartbeat, that of timers is looked after. */
  readonly memories: { readonly ownership: Ownership; readonly timers: TimersFile };
  readonly loaded: LoadedConfiguration;
  readonly place: Place;
  /** As they were before anything was done. */
  readonly interfaces: readonly Interface[];
};

const bugStatus = 70;
/** Closing takes a few ms; nothing may hold up the end longer than this (ms). */
const mostCloseTime = 3000;
/** A timer that is due for so long (ms) does not fire: then systemd learns that something is wrong. */
const mostBehind = 1000;

/** Looks for an lvs that lives, opens the heartbeat sockets and begins; or reports why that is not possible. */
export async function startDaemon(start: Start): Promise<void> {
  const { startup, log, addresses, loaded, settings, place } = start;
  const refuse = async (problem: string): Promise<void> => {
    place.manager?.close();
    await Promise.all([place.leave(), addresses.close()]);
    startup.failed(`pulse: ${problem}`, 1);
    await log.close();
  };
  const found = await findLvs(log);
  if (found.type === 'taken') return refuse(found.problem);
  // An lvs that was just ending was waited for: it may have taken the addresses along.
  const seen = await addresses.interfaces();
  const interfaces = seen.ok ? seen.value : start.interfaces;
  const sockets = heartbeatSockets(log, systemClock);
  sockets.look(interfaces);
  sockets.trust(start.trust);
  const opened = await sockets.use(settings.channels, loaded.configuration.heartbeatPort);
  if (!opened.ok) {
    if (found.type === 'living') found.lvs.leave();
    return refuse(opened.error);
  }
  for (const warning of loaded.warnings) log.warning(formatDiagnostic(loaded.path, warning));
  // Something will not work until somebody sees to it.
  for (const remark of start.remarks) log.error(formatDiagnostic(loaded.path, remark));
  const look = lookAtMachine(log);
  const adopted = found.type === 'living' ? found.lvs : undefined;
  // The file may lack what the earlier pulse could not write.
  place.raised.add(adopted?.standing.raised ?? []);
  begin({ ...start, look, adopted, interfaces }, sockets);
  startup.ready();
  place.manager?.ready();
  place.manager?.status('');
  look(loaded.configuration);
}

/** With what looks for trouble on this machine, and what was found on it. */
type Running = Start & {
  readonly look: LookAtMachine;
  readonly adopted: LivingLvs | undefined;
};

function begin(start: Running, sockets: HeartbeatSockets): void {
  const { options, log, addresses, adopted, place } = start;
  const now = systemClock.now;
  const announcer = startAnnouncer(options.sendArp, log, () => {
    driver.dispatch({ type: 'announced-late', at: now() });
  });
  place.keep(start.memories.timers.kept);
  const source = configurationSource(start.loaded, log, (fresh, occasion) => prepare(fresh, occasion));
  const shared = { clock: systemClock, log, addresses, questions: makeLvsQuestions(), loaded: source.inForce };
  const onBug = (error: unknown): void => {
    log.error('a defect in pulse', { error: explain(error) });
    void end(bugStatus);
  };
  const driver = startDriver(start, {
    ...{ ...shared, ...start.memories, raised: place.raised, sockets, announcer, adopted, onBug },
    onExit: () => void end(0),
  });
  process.on('uncaughtException', onBug);
  const { state, dispatch } = driver;
  place.manager?.watch(() => now() - nextDeadline(state()) < mostBehind);
  hearPartner(sockets, state, dispatch);
  const control = openControl({ ...shared, state, dispatch, reload: source.reload, sockets }, place.keep);
  const links = watchLinks(start, sockets, dispatch);
  const foreign = watchForeign(start, state, dispatch);
  const stop = (reason: string): void => {
    place.manager?.stopping();
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
    onReload: () => void source.reload(),
  });
  const end = async (status: number): Promise<void> => {
    for (const halt of [driver.stop, source.stop, ignoreSignals]) halt();
    place.manager?.close();
    await leave(start, status, [control, links, foreign, sockets, addresses, announcer]);
  };
  void takeDownLeftovers(start.settings.addresses, place.raised, addresses, log);
  dispatch(beginning(start));
  links.use(start.settings);
}

/** With what an earlier pulse has left. */
function beginning({ adopted, memories, ...start }: Running): PulseEvent {
  const { ownership, timers } = memories;
  const kept = timers.recall();
  const at = systemClock.now();
  const left = whatIsLeft({ ...start, kept, lvs: adopted, ownership, now: toMachineTime(at) });
  return { type: 'started', at, force: start.options.forceactive, adopted: left, timers: kept };
}

function hearPartner(sockets: HeartbeatSockets, state: () => PulseState, dispatch: (event: PulseEvent) => void): void {
  // In the same turn something may have happened that is dated later.
  const inOrder = (arrivedAt: Instant): Instant => instant(Math.max(arrivedAt, state().seenAt));
  sockets.listen(
    (datagram, channel, arrivedAt) => {
      dispatch({ type: 'datagram', at: inOrder(arrivedAt), channel, datagram });
      sockets.nearOnly(state().reception.near);
    },
    (claim, channel) => {
      const { reception, own, settings } = state();
      return whyPast(reception, { channel, ownSession: own.session, auth: settings.auth }, claim);
    },
  );
  sockets.listenToMisplaced((why, arrivedAt) => {
    dispatch({ type: 'misplaced', at: inOrder(arrivedAt), why });
    // After a silence another one may stand in the partner's place, which sends with less.
    sockets.nearOnly(state().reception.near);
  });
  sockets.listenToNotes((signed, arrivedAt) => {
    dispatch({ type: 'note', at: inOrder(arrivedAt), ...signed });
  });
}

/** Watches the devices and links under the heartbeat's and the floating addresses; links count where the file wants it. */
function watchLinks({ log, addresses }: Start, sockets: HeartbeatSockets, dispatch: (event: PulseEvent) => void) {
  let counts = false;
  const monitor = linkMonitor({
    ...{ clock: systemClock, log, interfaces: addresses.interfaces, onInterfaces: sockets.look },
    onLinks: (links) => {
      if (!counts) return;
      dispatch({ type: 'links', at: systemClock.now(), links });
    },
  });
  return {
    use: ({ monitorLinks, channels, carriers }: PulseSettings): void => {
      counts = monitorLinks;
      monitor.use({ channels, carriers });
    },
    close: monitor.close,
  };
}

/** Looks for addresses that an inactive router should not have. */
const watchForeign = ({ addresses }: Start, state: () => PulseState, dispatch: (event: PulseEvent) => void) =>
  watchForForeign({
    isInactive: () => state().phase.type === 'inactive',
    look: () => addresses.look(state().settings.addresses),
    onSeen: ({ ours, foreign }) => {
      dispatch({ type: 'addresses-seen', at: systemClock.now(), ours, foreign });
    },
  });

type Surroundings = Omit<World, 'lvs' | 'onLvsLog' | 'dispatch' | 'interfaces'> & {
  readonly onBug: (error: unknown) => void;
};

const startDriver = ({ options, log, settings, interfaces }: Start, { onBug, ...around }: Surroundings) =>
  drive({
    initial: initialState(settings, newSession()),
    step,
    nextDeadline,
    hands: (dispatch) =>
      makeHands({ ...around, interfaces, dispatch, lvs: lvsCommand(options), onLvsLog: lvsLog(options, log) }),
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
function preparer(
  { addresses, look, log, options }: Running,
  sockets: HeartbeatSockets,
  { onConfigured, onNotWanted }: Outlets,
) {
  return async (fresh: LoadedConfiguration, occasion: Occasion): Promise<Outcome<() => void, string>> => {
    const interfaces = await addresses.interfaces();
    if (!interfaces.ok) return interfaces;
    const fitting = await whatFits(fresh, interfaces.value, occasion, options);
    if (!fitting.ok) {
      const { text, code } = fitting.error;
      // Two owners would be worse than none: the primary may be alone already.
      if (code === notWanted) onNotWanted(text);
      return failure(text);
    }
    const { settings, trust, remarks } = fitting.value;
    const { channels } = settings;
    sockets.look(interfaces.value);
    // A former partner goes on hearing that this router is active, and stays where it is.
    const opened =
      channels.length === 0 ? success(undefined) : await sockets.use(channels, fresh.configuration.heartbeatPort);
    if (!opened.ok) return opened;
    return success(() => {
      for (const remark of remarks) log.warning(formatDiagnostic(fresh.path, remark));
      if (channels.length > 0) sockets.trust(trust);
      onConfigured(settings);
      look(fresh.configuration);
    });
  };
}

/** The end: closes what is open, but is not held up by it. */
async function leave(
  { log, place }: Running,
  status: number,
  open: readonly { readonly close: () => Promise<void> }[],
): Promise<void> {
  setTimeout(() => process.exit(status), mostCloseTime).unref();
  await place.leave();
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
    if (nodaemon) process.stdout.write(`${visible(line)}\n`);
    else log.warning(line);
  };
