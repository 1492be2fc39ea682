// The program of an original router, from the description of its behaviour (reference/pulse §3, §4, §7): one pass after the
// other, each of them blocked while the service is taken down.
import type { Instant } from '@piranha/domain';
import { after, instant, milliseconds } from '@piranha/domain';
import type { HeartbeatWord } from '@piranha/protocol';
import type { Agenda } from './agenda.ts';
import type { DriftingClock } from './clock.ts';
import type { Schedule, Side } from './schedule.ts';

/** What the program does to its machine and sees of it. */
export type OriginalSurroundings = {
  readonly schedule: Schedule;
  readonly side: Side;
  readonly agenda: Agenda;
  readonly clock: DriftingClock;
  /** Stopped by a signal, or its machine does not run. */
  readonly frozen: () => boolean;
  /** A link that it monitors is down. */
  readonly linkDown: () => boolean;
  readonly send: (word: 'running' | 'stopped') => void;
  /** Tells whether it goes on running. */
  readonly startBalancer: () => boolean;
  /** Tells it to end; gives the time that it needs (ms). */
  readonly stopBalancer: () => number;
  readonly startHelper: () => void;
  readonly lowerAddresses: () => void;
  readonly log: (text: string) => void;
  readonly ended: () => void;
  readonly changed: () => void;
};

export type OriginalPulse = {
  readonly receive: (word: HeartbeatWord) => void;
  /** Looks at everything that is to do: it was stopped until now. */
  readonly goOn: () => void;
  readonly terminate: () => void;
  readonly balancerEnded: () => void;
  readonly kill: () => void;
  /** A link or its balancer failed: it takes nothing. */
  readonly failed: () => boolean;
};

/** Longer than bringing them up: a helper that is late would leave them up (reference/pulse, T25), which is no matter of the rules. */
const lowering = 45;
const bufferedDatagrams = 250;

export function startOriginalPulse(around: OriginalSurroundings): OriginalPulse {
  const { clock, agenda, side, log } = around;
  const keepalive = milliseconds(around.schedule.keepalive);
  const deadtime = milliseconds(around.schedule.deadtime);
  const inbox: HeartbeatWord[] = [];
  let dead = false;
  let active = false;
  let linkFail = false;
  /** Its balancer ended by itself; only a running partner makes it forget that. */
  let childFail = false;
  let childEnded = false;
  let stopping = false;
  /** Nothing is sent or read until the service is down. */
  let busy: { readonly until: Instant; readonly then: () => void } | undefined;
  let sendAt = after(clock.now(), keepalive);
  let needAt = after(clock.now(), deadtime);

  const activate = (why: string): void => {
    log(`${why}: activating lvs`);
    active = true;
    childEnded = !around.startBalancer();
    around.startHelper();
  };

  const deactivate = (then: () => void = () => undefined): void => {
    busy = { until: after(clock.now(), milliseconds(around.stopBalancer() + lowering)), then };
  };

  const able = (): boolean => !active && !linkFail && !childFail;

  const onWord = (word: HeartbeatWord): void => {
    if (word === 'running') onRunning();
    else if (word === 'stopped' && able()) activate('partner inactive');
    needAt = after(clock.now(), deadtime);
  };

  const onRunning = (): void => {
    childFail = false;
    if (active && side === 'primary') {
      log('partner active: resending arps');
      around.startHelper();
    } else if (active) {
      around.send('running');
      log('partner active: deactivating LVS');
      deactivate();
    }
  };

  const onLinks = (): void => {
    const failed = !linkFail && around.linkDown();
    linkFail = around.linkDown();
    if (!failed || !active) return;
    log('local link failure: deactivating LVS');
    deactivate();
  };

  const onChildEnded = (): void => {
    childEnded = false;
    if (!active) return;
    log('lvsd ended by itself: deactivating');
    deactivate(() => {
      childFail = true;
    });
  };

  const end = (): void => {
    dead = true;
    around.ended();
  };

  const stop = (): void => {
    if (active) deactivate(end);
    else end();
  };

  const readOne = (): void => {
    inbox.splice(0, 1).forEach(onWord);
  };

  /** What there is to do, the most urgent first. */
  const work = [
    { due: () => stopping, act: stop },
    { due: () => childEnded, act: onChildEnded },
    { due: () => linkFail !== around.linkDown(), act: onLinks },
    { due: () => inbox.length > 0, act: readOne },
    {
      due: () => clock.now() >= sendAt,
      act: () => {
        sendAt = after(clock.now(), keepalive);
        around.send(active ? 'running' : 'stopped');
      },
    },
    {
      due: () => clock.now() >= needAt,
      act: () => {
        needAt = after(clock.now(), deadtime);
        if (able()) activate('partner dead');
      },
    },
  ];

  const nextWork = () => (dead || busy !== undefined ? undefined : work.find(({ due }) => due()));

  const finishBusy = (): void => {
    if (busy === undefined || clock.now() < busy.until) return;
    const { then } = busy;
    busy = undefined;
    active = false;
    around.lowerAddresses();
    then();
  };

  const pass = (): void => {
    if (dead || around.frozen()) return;
    finishBusy();
    for (let next = nextWork(); next !== undefined; next = nextWork()) next.act();
    around.changed();
    wakeAt(busy?.until ?? instant(Math.min(sendAt, needAt)));
  };

  const wakes = new Set<number>();
  const wakeAt = (moment: Instant): void => {
    const at = Math.max(clock.whenItShows(moment), agenda.now() + 1);
    if (wakes.has(at)) return;
    wakes.add(at);
    agenda.put(at, () => {
      wakes.delete(at);
      pass();
    });
  };

  linkFail = around.linkDown();
  pass();
  return {
    goOn: pass,
    receive: (word) => {
      if (inbox.length < bufferedDatagrams) inbox.push(word);
      pass();
    },
    terminate: () => {
      stopping = true;
      pass();
    },
    balancerEnded: () => {
      childEnded = true;
      pass();
    },
    kill: () => {
      dead = true;
    },
    failed: () => linkFail || childFail,
  };
}
