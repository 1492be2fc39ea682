// lvs under pulse: commands come from it, messages go to it, and when it is gone another may come.
import { configurationFromText, formatDiagnostic, readServices } from '@piranha/config';
import type { Instant } from '@piranha/domain';
import { instant, never } from '@piranha/domain';
import type { CloseableLogger, Logger } from '@piranha/logging';
import { syslogLogger, terminalLogger } from '@piranha/logging';
import type { LvsCommand, LvsStanding } from '@piranha/protocol';
import { decodeLvsCommand, encodeLine } from '@piranha/protocol';
import { fromMachineTime, inTurn, systemClock, toMachineTime } from '@piranha/runtime';
import { raiseSessionLikeParent, showBeacon, shownLvs } from '@piranha/runtime/processes';
import { lvsSocketPath } from '@piranha/runtime/sockets';
import type { Daemon } from './daemon.ts';
import { startDaemon } from './daemon.ts';
import { fenceAt } from '../rules/lifeline-rule.ts';
import type { Options } from './options.ts';
import { nannyUserOf } from './nanny-user.ts';
import { openParent } from './parent.ts';
import { standingOf } from '../rules/report.ts';
import type { LvsEvent } from '../events.ts';
import type { LvsState } from '../state.ts';

/** Runs until pulse says so or is gone; gives the exit status. */
export async function runUnderPulse(options: Options): Promise<number> {
  const logger = loggers(options);
  const log = logger('lvs', 'lvsd');
  await settleIn(log);
  const daemon = startDaemon({
    options,
    log,
    nannyLog: logger('nanny', 'nanny'),
    tell: (message) => {
      parent.tell(encodeLine(message));
    },
    onReload: () => {
      log.notice('SIGHUP is not for an lvs that pulse has started: send it to pulse');
    },
  });
  const commands = inTurn();
  const inOrder = (act: () => void): void => {
    void commands(() => {
      act();
      return Promise.resolve();
    });
  };
  const parent = openParent(lvsSocketPath, {
    onLine: (line) => void commands(() => obey(daemon, log, line)),
    onGone: () => {
      inOrder(() => {
        daemon.dispatch({ type: 'parent-gone', at: systemClock.now() });
      });
    },
    onHeir: (greet) => {
      inOrder(() => {
        daemon.dispatch({ type: 'adopted', at: systemClock.now() });
        greet(encodeLine(greetingOf(daemon.state(), daemon.raised.told())));
      });
    },
    onSocket: daemon.keep,
    onNoSocket: (problem) => {
      log.warning('a pulse that is started again cannot find this lvs', { problem });
    },
  });
  const status = await daemon.ended;
  parent.close();
  return status;
}

async function obey(daemon: Daemon, log: Logger, line: string): Promise<void> {
  const command = decodeLvsCommand(line);
  if (!command.ok) log.error('pulse sent an unknown command', { problem: command.error });
  else if (command.value.type === 'report') daemon.report(command.value.id);
  else if (command.value.type === 'raised') daemon.raised.learn(command.value.addresses);
  else daemon.dispatch(await eventOf(command.value));
}

function greetingOf(state: LvsState, raised: LvsStanding['raised']): LvsStanding {
  const due = fenceAt(state);
  return {
    ...standingOf(state, process.pid),
    ...(due === never ? {} : { fencesAt: toMachineTime(due) }),
    ...(raised === undefined ? {} : { raised }),
  };
}

function raiseSession(log: Logger): void {
  try {
    raiseSessionLikeParent();
  } catch (error) {
    log.warning('lvs runs without raised priority', { problem: String(error) });
  }
}

const loggers =
  (options: Options) =>
  (terminal: string, system: string): CloseableLogger =>
    options.nodaemon ? terminalLogger(terminal, { ...options, stream: 'stderr' }) : syslogLogger(system, options);

/** The init script and a later pulse find it by its beacon when its files are gone. */
async function settleIn(log: Logger): Promise<void> {
  raiseSession(log);
  const beacon = await showBeacon(shownLvs);
  if (!beacon.ok) log.warning('should its files be deleted nobody will find this lvs', { problem: beacon.error });
}

function tickOf(
  { sentAt, spokenAt, timers, ...tick }: Extract<LvsCommand, { readonly type: 'tick' }>,
  at: Instant,
): LvsEvent {
  const here = (reading: number): Instant => instant(Math.min(fromMachineTime(reading), at));
  return {
    ...{ ...tick, timers, at, sentAt: sentAt === undefined ? at : here(sentAt) },
    spokenAt: spokenAt === undefined ? undefined : here(spokenAt),
  };
}

async function eventOf(command: Exclude<LvsCommand, { readonly type: 'report' | 'raised' }>): Promise<LvsEvent> {
  if (command.type === 'order-server') return { ...command, type: 'server-order', at: systemClock.now() };
  if (command.type === 'partner-orders') return { ...command, at: systemClock.now() };
  if (command.type === 'tick') return tickOf(command, systemClock.now());
  const { file, text, names } = command;
  const loaded = configurationFromText(file, text, names, await readServices());
  if (!loaded.ok) {
    const problem = loaded.error.map((each) => formatDiagnostic(file, each)).join('\n');
    return { type: 'rejected', at: systemClock.now(), problem };
  }
  const { configuration, digest } = loaded.value;
  const nannyUser = await nannyUserOf(configuration);
  return { type: 'configured', at: systemClock.now(), configuration, digest, nannyUser };
}
