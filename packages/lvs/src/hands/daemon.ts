// lvs as a process: children and orders become events, orders of step become deeds, until it ends.
import { constants, networkInterfaces } from 'node:os';
import type { FloatingAddress, Outcome } from '@piranha/domain';
import { failure } from '@piranha/domain';
import type { CloseableLogger, Logger } from '@piranha/logging';
import type { LvsMessage } from '@piranha/protocol';
import { drive, explain, listenToSignals, raiseDescriptorLimit, systemClock } from '@piranha/runtime';
import { openAddressBatch, raisedKnowledge } from '@piranha/runtime/addresses';
import { outliveOthers, removePidFile, writePidFile } from '@piranha/runtime/processes';
import { fileKeeper } from '@piranha/runtime/sockets';
import type { Driver } from '@piranha/runtime';
import type { RaisedKnowledge } from '@piranha/runtime/addresses';
import type { FileKeeper } from '@piranha/runtime/sockets';
import type { Options } from './options.ts';
import type { Hands, World } from '../perform.ts';
import { makeHands } from '../perform.ts';
import { ordersFile } from './orders-file.ts';
import type { LvsEvent } from '../events.ts';
import type { LvsState } from '../state.ts';
import { startReporter } from './reporter.ts';
import { initialState, nextDeadline, step } from '../step.ts';

/** What the daemon is started with. */
export type Start = {
  readonly options: Options;
  readonly log: CloseableLogger;
  readonly nannyLog: CloseableLogger;
  readonly tell: (message: LvsMessage) => void;
  readonly onReload: () => void;
};

/** A running daemon. */
export type Daemon = {
  readonly dispatch: (event: LvsEvent) => void;
  readonly state: () => LvsState;
  /** Tells how the table and the servers stand, under the number of the question. */
  readonly report: (id: number) => void;
  /** The addresses that pulse says it has raised. */
  readonly raised: Pick<RaisedKnowledge, 'learn' | 'told'>;
  /** Looks after files of lvs as long as it runs. */
  readonly keep: FileKeeper['keep'];
  /** Its exit status, once everything has ended. */
  readonly ended: Promise<number>;
};

const pidFile = '/run/lvs.pid';
const bugStatus = 70;

/** Begins to wait for events. */
export function startDaemon(start: Start): Daemon {
  const { options, log, nannyLog, tell, onReload } = start;
  const raised = raisedKnowledge(log.error);
  outlive(options, log);
  const addresses = addressHands(options, raised, log);
  const keeper = fileKeeper(log);
  let hands: Hands | undefined;
  let resolveEnded: (status: number) => void;
  const ended = new Promise<number>((resolve) => (resolveEnded = resolve));
  const end = async (status: number): Promise<void> => {
    driver.stop();
    ignoreSignals();
    await Promise.all([hands?.close(), addresses.close(), keeper.close()]);
    if (!options.nodaemon) removePidFile(pidFile);
    await Promise.all([log.close(), nannyLog.close()]);
    resolveEnded(status);
  };
  const onBug = (error: unknown): void => {
    log.error('a defect in lvs', { error: explain(error) });
    void end(bugStatus);
  };
  const onExit = (status: number): void => void end(status);
  const driver = startDriver(start, addresses.lower, {
    onExit,
    onBug,
    onHands: (made) => (hands = made),
    keep: keeper.keep,
  });
  process.on('uncaughtException', onBug);
  const ignoreSignals = listenToSignals({
    onStop: (name) => {
      driver.dispatch({ type: 'stop', at: systemClock.now(), signal: constants.signals[name] });
    },
    onReload,
  });
  if (!options.nodaemon) announcePid(log, keeper.keep);
  const { dispatch, state } = driver;
  const report = startReporter(state, systemClock, tell);
  return { dispatch, state, report, raised, keep: keeper.keep, ended };
}

/** Who hears of what becomes of the machine. */
type Watchers = {
  readonly onExit: (status: number) => void;
  readonly onBug: (error: unknown) => void;
  readonly onHands: (hands: Hands) => void;
  readonly keep: FileKeeper['keep'];
};

function startDriver(
  { options, log, nannyLog, tell }: Start,
  lowerAddresses: World['lowerAddresses'],
  { onExit, onBug, onHands, keep }: Watchers,
): Driver<LvsState, LvsEvent> {
  const savedOrders = ordersFile(log);
  keep(savedOrders.kept);
  const world = { clock: systemClock, log, nannyLog, nanny: options.nanny, tell, lowerAddresses, onExit };
  return drive({
    initial: {
      ...{ ...initialState, descriptorLimit: raiseDescriptorLimit(), ownAddresses: ownAddresses() },
      ...savedOrders.load(),
    },
    step,
    nextDeadline,
    hands: (dispatch) => {
      const hands = makeHands({ ...world, saveOrders: savedOrders.save, dispatch });
      onHands(hands);
      return hands.perform;
    },
    clockEvent: (at) => ({ type: 'clock', at }) as const,
    clock: systemClock,
    onBug,
  });
}

/** None where the kernel cannot be asked: without descriptors, which is told by itself. */
function ownAddresses(): ReadonlySet<string> {
  try {
    return new Set(
      Object.values(networkInterfaces()).flatMap((entries) => (entries ?? []).map((each) => each.address)),
    );
  } catch {
    return new Set();
  }
}

/** pulse has done it for both, or has said why not. */
function outlive({ pulse }: Options, log: Logger): void {
  try {
    outliveOthers();
  } catch (error) {
    if (!pulse) log.warning('lvs can be the first that is killed when memory runs out', { problem: String(error) });
  }
}

function announcePid(log: Logger, keep: FileKeeper['keep']): void {
  try {
    keep(writePidFile(pidFile));
  } catch (error) {
    // Balancing matters more than a file that tells who does it.
    log.warning('the pid file could not be written', { file: pidFile, problem: String(error) });
  }
}

/** Seldom needed, and then in a hurry: `ip` is started ahead. By hand lvs leaves addresses alone. */
function addressHands({ pulse }: Options, raised: RaisedKnowledge, { warning }: Logger) {
  const batch = pulse ? openAddressBatch({ raised, warn: warning }) : undefined;
  return {
    lower: (addresses: readonly FloatingAddress[]): Promise<Outcome<unknown, string>> =>
      batch?.lower(addresses) ?? Promise.resolve(failure('lvs was started by hand')),
    close: async (): Promise<void> => batch?.close(),
  };
}
