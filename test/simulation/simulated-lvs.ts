// lvs' own step as a process, above a kernel's table and nannies that are models.
import type { LoadedConfiguration } from '@piranha/config';
import type { Instant } from '@piranha/domain';
import { success } from '@piranha/domain';
import type { LvsAction, LvsEvent, LvsState, TableResult } from '@piranha/lvs/step';
import { initialState, nextDeadline, step } from '@piranha/lvs/step';
import type { LvsMessage, NannyCommand, Timers } from '@piranha/protocol';
import type { Agenda } from './agenda.ts';
import type { DriftingClock } from './clock.ts';
import type { Kernel } from './kernel.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import { startProcess } from './simulated-process.ts';

export type LvsSurroundings = {
  readonly agenda: Agenda;
  readonly clock: DriftingClock;
  readonly kernel: Kernel;
  /** The file as pulse has read it. */
  readonly loaded: () => LoadedConfiguration;
  /** How late a timer fires at most (ms). */
  readonly lateness: number;
  /** How long `ip` takes at the moment (ms). */
  readonly ipLatency: () => number;
  /** Whether the real servers answer this router. */
  readonly serversAnswer: () => boolean;
  readonly tell: (message: LvsMessage) => void;
  readonly onEnd: (how: 'exited' | 'killed') => void;
  /** Whether another pulse is greeted before it is told anything: else what it is told before that is lost. */
  readonly greetsFirst: boolean;
  readonly onFenced: () => void;
};

/** What pulse says with a tick. */
export type Told = {
  readonly role: 'active' | 'standby';
  readonly term: number;
  readonly spokenAt: Instant | undefined;
  readonly timers: Timers;
};

export type SimulatedLvs = {
  readonly configure: () => void;
  readonly tick: (told: Told) => void;
  /** Another pulse comes: how lvs stands then. */
  readonly adopt: () => { readonly role: LvsState['role']; readonly term: number };
  readonly parentGone: () => void;
  readonly terminate: () => void;
  readonly kill: () => void;
  readonly hang: () => void;
  readonly goOn: () => void;
  /** The real servers have begun or ceased to answer. */
  readonly serversChanged: () => void;
  readonly alive: () => boolean;
};

/** How long things take (ms). */
const pipe = 0.4;
const ipvsadm = 6;
const nannyStart = 60;
const firstCheck = 15;
const checkInterval = 1000;

export function startLvs(around: LvsSurroundings): SimulatedLvs {
  const { agenda, clock, kernel } = around;
  let alive = true;
  const end = (how: 'exited' | 'killed'): void => {
    if (!alive) return;
    alive = false;
    lvs.kill();
    around.onEnd(how);
  };
  const later = (delay: number, act: () => void): void => {
    agenda.put(agenda.now() + delay, () => {
      if (alive) act();
    });
  };
  const give = (event: Parameters<SimulatedProcess<LvsEvent>['give']>[1]): void => {
    lvs.give('kept', event);
  };
  const nannies = simulatedNannies(around, give, later);

  let greeting = false;
  const perform = (action: LvsAction): void => {
    switch (action.type) {
      case 'tell':
        if (greeting && !around.greetsFirst) return;
        if (action.message.type === 'fenced') around.onFenced();
        later(pipe, () => {
          around.tell(action.message);
        });
        return;
      case 'work-on-table':
        later(ipvsadm, () => {
          kernel.write(action.commands);
          const result = resultOf(action, kernel);
          give((at) => ({ type: 'table-done', at, run: action.run, result }));
        });
        return;
      case 'lower-addresses':
        later(around.ipLatency(), () => {
          kernel.setAddresses(false);
          give((at) => ({ type: 'addresses-lowered', at, result: success(undefined) }));
        });
        return;
      case 'start-nanny':
      case 'command-nanny':
      case 'stop-nanny':
      case 'kill-nanny':
        nannies.perform(action);
        return;
      case 'exit':
        end('exited');
        return;
      case 'news':
      case 'save-orders':
      case 'load-ftp-module':
      case 'count-connections':
        return;
    }
  };

  let standing = initialState;
  const noted: typeof step = (state, event) => {
    const next = step(state, event);
    standing = next.state;
    return next;
  };
  const lvs = startProcess(
    { initial: initialState, step: noted, nextDeadline, clockEvent, perform },
    agenda,
    clock,
    around.lateness,
  );
  return {
    configure: () => {
      const { configuration, digest } = around.loaded();
      give((at) => ({ type: 'configured', at, configuration, digest }));
    },
    tick: ({ role, term, spokenAt, timers }) => {
      const sentAt = clock.now();
      later(pipe, () => {
        give((at) => ({ type: 'tick', at, sentAt, spokenAt, role, term, held: false, timers }));
      });
    },
    adopt: () => {
      greeting = true;
      give((at) => ({ type: 'adopted', at }));
      greeting = false;
      return { role: standing.role, term: standing.lifeline.term };
    },
    // Behind what pulse has written before its end.
    parentGone: () => {
      later(pipe, () => {
        give((at) => ({ type: 'parent-gone', at }));
      });
    },
    terminate: () => {
      give((at) => ({ type: 'stop', at, signal: 15 }));
    },
    kill: () => {
      end('killed');
    },
    hang: lvs.hang,
    goOn: () => {
      lvs.goOn('sockets');
    },
    serversChanged: nannies.serversChanged,
    alive: () => alive,
  };
}

const clockEvent = (at: Instant): LvsEvent => ({ type: 'clock', at });

/** What ipvsadm has to say when it ends. */
const resultOf = (
  { timeouts }: Extract<LvsAction, { readonly type: 'work-on-table' }>,
  kernel: Kernel,
): TableResult => ({
  complaint: kernel.broken() ? 'Memory allocation problem' : '',
  finished: true,
  timeouts: timeouts === undefined ? undefined : { sent: timeouts, problem: '' },
  settings: [],
  read: success(kernel.table()),
});

type Give = (event: Parameters<SimulatedProcess<LvsEvent>['give']>[1]) => void;

/** Nannies: each gives its verdicts after the first check, and when the servers change. */
function simulatedNannies(
  { serversAnswer }: LvsSurroundings,
  give: Give,
  later: (delay: number, act: () => void) => void,
) {
  const watched = new Map<number, Map<string, 'unknown' | 'up' | 'down'>>();

  const check = (nanny: number, watch: string): void => {
    const verdict = serversAnswer() ? 'up' : 'down';
    const verdicts = watched.get(nanny);
    if (verdicts?.get(watch) === undefined || verdicts.get(watch) === verdict) return;
    verdicts.set(watch, verdict);
    const finding = verdict === 'up' ? ({ type: 'up', watch } as const) : down(watch);
    give((at) => ({ type: 'nanny-said', at, nanny, findings: [finding] }));
  };

  const obey = (nanny: number, command: NannyCommand): void => {
    switch (command.type) {
      case 'watch':
        watched.get(nanny)?.set(command.watch, command.known);
        later(firstCheck, () => {
          check(nanny, command.watch);
        });
        return;
      case 'forget':
        watched.get(nanny)?.delete(command.watch);
        return;
      case 'check':
        check(nanny, command.watch);
        return;
      case 'ping':
        give((at) => ({ type: 'nanny-alive', at, nanny }));
    }
  };

  const perform = (action: Extract<LvsAction, { readonly nanny: number }>): void => {
    const { nanny } = action;
    switch (action.type) {
      case 'start-nanny':
        watched.set(nanny, new Map());
        later(nannyStart, () => {
          give((at) => ({ type: 'nanny-started', at, nanny, pid: 1000 + nanny }));
          give((at) => ({ type: 'nanny-alive', at, nanny }));
        });
        return;
      case 'command-nanny':
        later(nannyStart, () => {
          for (const command of action.commands) obey(nanny, command);
        });
        return;
      case 'stop-nanny':
      case 'kill-nanny':
        watched.delete(nanny);
        later(pipe, () => {
          give((at) => ({ type: 'nanny-ended', at, nanny, how: 'was killed by SIGTERM' }));
        });
    }
  };

  /** Every check comes at its own time within an interval. */
  const serversChanged = (): void => {
    let order = 0;
    for (const [nanny, verdicts] of watched) {
      for (const server of verdicts.keys()) {
        order += 1;
        later((checkInterval * order) / (verdicts.size + 1), () => {
          check(nanny, server);
        });
      }
    }
  };
  return { perform, serversChanged };
}

const down = (watch: string) => ({ type: 'down', watch, reason: 'connect timed out' }) as const;
