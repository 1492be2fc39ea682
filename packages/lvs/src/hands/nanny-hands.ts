// The hands of lvs for nannies: starts, tells and stops them, and hears what they say.
import { availableParallelism, getPriority, setPriority } from 'node:os';
import type { Clock } from '@piranha/domain';
import { describeEnding } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { NannyMessage } from '@piranha/protocol';
import { decodeNannyMessage, encodeLine } from '@piranha/protocol';
import type { Child } from '@piranha/runtime';
import { startChild } from '@piranha/runtime';
import type { NannyAction } from './few-starts.ts';
import { fewStarts } from './few-starts.ts';
import { nannyEar } from './nanny-ear.ts';
import type { Finding, LvsEvent } from '../events.ts';

/** What nannies are handled with. */
type World = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly nannyLog: Logger;
  /** The program. */
  readonly nanny: string;
  readonly dispatch: (event: LvsEvent) => void;
};

/** A nanny that was told to stop has this long (ms) before it is killed. */
const nannyGrace = 1000;

/** Makes the hands. */
export function nannyHands(world: World) {
  const { clock, dispatch } = world;
  const children = new Map<number, Child>();
  const hear = hearing(world);

  const onEnd = (nanny: number, how: string): void => {
    children.delete(nanny);
    orders.begun(nanny);
    dispatch({ type: 'nanny-ended', at: clock.now(), nanny, how });
  };

  const start = ({ nanny, user }: Extract<NannyAction, { readonly type: 'start-nanny' }>): void => {
    const ear = earOf(world, nanny, {
      hear: (line) => {
        orders.begun(nanny);
        return hear(nanny, line, ear.mayLog);
      },
      onBroken: () => {
        child.signal('SIGKILL');
        child.deafen();
      },
    });
    const child = startNanny(world, user, ear, (how) => {
      onEnd(nanny, how);
    });
    children.set(nanny, child);
    if (child.pid !== undefined) dispatch({ type: 'nanny-started', at: clock.now(), nanny, pid: child.pid });
  };

  const obey = (action: NannyAction): void => {
    if (action.type === 'start-nanny') start(action);
    else tellChild(children.get(action.nanny), action);
  };

  const orders = fewStarts({
    // One for each processor: more would only take time from each other.
    most: Math.max(2, availableParallelism()),
    obey,
    onNeverStarted: (nanny) => {
      onEnd(nanny, 'was not started yet');
    },
  });
  const close = async (): Promise<void> => {
    orders.drop();
    await Promise.all([...children.values()].map((child) => child.stop(nannyGrace)));
  };
  return { perform: orders.add, close };
}

function tellChild(child: Child | undefined, action: Exclude<NannyAction, { readonly type: 'start-nanny' }>): void {
  switch (action.type) {
    case 'command-nanny':
      child?.send(action.commands.map(encodeLine).join(''));
      return;
    case 'stop-nanny':
      void child?.stop(nannyGrace);
      return;
    case 'kill-nanny':
      child?.signal('SIGKILL');
  }
}

/** What is said of a nanny that says too much. */
const earOf = (
  { clock, log }: World,
  nanny: number,
  { hear, onBroken }: { readonly hear: (line: string) => string | undefined; readonly onBroken: () => void },
) =>
  nannyEar(clock, {
    hear,
    onLeftOut: (count) => {
      log.warning(`${count} lines of a nanny for the log were left out: it said too many`, { nanny });
    },
    onBroken: (problem) => {
      log.error(`a nanny is out of order: ${problem}: killing it`, { nanny });
      onBroken();
    },
  });

function startNanny(
  { nannyLog, nanny }: World,
  user: string | undefined,
  { onLine, mayLog }: ReturnType<typeof nannyEar>,
  onEnd: (how: string) => void,
): Child {
  const child = startChild({
    file: nanny,
    args: ['--commands', ...(user === undefined ? [] : [`--user=${user}`])],
    onLine,
    onErrorLine: (line) => {
      if (mayLog()) nannyLog.warning(line);
    },
    onEnd: (ending) => {
      onEnd(describeEnding(ending));
    },
  });
  // pulse runs at a raised priority and lvs with it: nannies, of which many may begin at once, wait for them.
  if (child.pid !== undefined && getPriority() < 0) lowerPriority(child.pid);
  return child;
}

/** One that has died at once has no priority any more. */
function lowerPriority(pid: number): void {
  try {
    setPriority(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SYSTEM_ERROR') throw error;
  }
}

/** Reads what nannies say. One that begins has many findings at once: they are one event. */
function hearing({ clock, log, nannyLog, dispatch }: World) {
  const findings = new Map<number, Finding[]>();

  const pass = (nanny: number): void => {
    const all = findings.get(nanny) ?? [];
    findings.delete(nanny);
    dispatch({ type: 'nanny-said', at: clock.now(), nanny, findings: all });
  };

  const note = (nanny: number, finding: Finding): void => {
    const said = findings.get(nanny);
    if (said !== undefined) {
      said.push(finding);
      return;
    }
    findings.set(nanny, [finding]);
    setImmediate(pass, nanny);
  };

  const take = (nanny: number, message: NannyMessage): void => {
    switch (message.type) {
      case 'log':
        nannyLog[message.level](message.text);
        return;
      case 'ready':
      case 'alive':
        dispatch({ type: 'nanny-alive', at: clock.now(), nanny });
        return;
      case 'trouble':
        dispatch({ type: 'nanny-trouble', at: clock.now(), nanny, problem: message.problem });
        return;
      default:
        note(nanny, message);
    }
  };

  /** Gives why a line could not be read. */
  return (nanny: number, line: string, mayLog: () => boolean): string | undefined => {
    const decoded = decodeNannyMessage(line);
    if (!decoded.ok) {
      if (mayLog()) log.warning('a nanny sent an unknown message', { nanny, problem: decoded.error });
      return decoded.error;
    }
    const isLogged = decoded.value.type === 'log' || decoded.value.type === 'trouble';
    if (!isLogged || mayLog()) take(nanny, decoded.value);
    return undefined;
  };
}
