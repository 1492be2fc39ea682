// The lvs of one router, over all of its lives: as pulse starts, ticks and stops it, and as it outlives its pulse.
import type { LvsMessage } from '@piranha/protocol';
import type { PulseEvent } from '@piranha/pulse/step';
import type { LvsSurroundings, SimulatedLvs, Told } from './simulated-lvs.ts';
import { startLvs } from './simulated-lvs.ts';
import type { Give } from './simulated-process.ts';

/** How long things take (ms). */
const start = 120;
const pipe = 0.4;

type Surroundings = Omit<LvsSurroundings, 'serversAnswer' | 'tell' | 'onEnd' | 'onFenced'> & {
  /** To the pulse that runs now. */
  readonly give: Give<PulseEvent>;
  /** What the pulse that runs now waits for; of no use to another. */
  readonly later: (delay: number, act: () => void) => void;
  readonly changed: () => void;
  readonly logged: (text: string) => void;
  /** How often pulse ticks it (ms), and whether that is all that keeps it awake. */
  readonly tickInterval: number;
  readonly lifeline: boolean;
};

export type LvsKeeper = {
  readonly state: () => 'runs' | 'hangs' | 'gone';
  /** A living one, left by a pulse that was killed, is taken over. */
  readonly bringUp: () => void;
  readonly configure: () => void;
  readonly tick: (told: Told) => void;
  readonly terminate: () => void;
  readonly kill: () => void;
  readonly hang: () => void;
  readonly resume: () => void;
  /** Its machine stands still, and goes on. */
  readonly freeze: () => void;
  readonly thaw: () => void;
  /** Its pulse has ended: it hears of it, and one that was about to start does not. */
  readonly parentGone: () => void;
  /** The machine has no power any more. */
  readonly lose: () => void;
  readonly powerOn: () => void;
  /** Another pulse comes: how lvs stands then. */
  readonly adopt: () => ReturnType<SimulatedLvs['adopt']> | undefined;
  /** It is killed because it hangs. */
  readonly killHung: () => void;
  readonly serversAnswer: (answer: boolean) => void;
};

export function makeLvsKeeper(around: Surroundings): LvsKeeper {
  const { agenda, give, later, changed } = around;
  let lvs: SimulatedLvs | undefined;
  let starting = 0;
  let hung = false;
  let told: Told | undefined;
  let answering = true;

  const surroundings: LvsSurroundings = {
    ...around,
    serversAnswer: () => answering,
    tell: (message: LvsMessage): void => {
      if (message.type !== 'report' && message.type !== 'server-ordered') {
        give('kept', (at) => ({ type: 'lvs-said', at, message }));
      }
    },
    onFenced: () => {
      around.logged('lvs fenced');
    },
    onEnd: (how) => {
      lvs = undefined;
      changed();
      const ending = how === 'exited' ? exited : killed;
      later(pipe, () => {
        give('kept', (at) => ({ type: 'lvs-ended', at, ending }));
      });
    },
  };

  const bringUp = (): void => {
    if (lvs !== undefined) {
      lvs.configure();
      return;
    }
    starting += 1;
    const mine = starting;
    later(start, () => {
      if (mine !== starting) return;
      lvs = startLvs(surroundings);
      if (hung) lvs.hang();
      lvs.configure();
      if (told !== undefined) lvs.tick(told);
      if (!around.lifeline) tickFor(lvs);
      changed();
    });
  };

  /** In pulse's stead, whatever pulse does. */
  const tickFor = (which: SimulatedLvs): void => {
    if (which !== lvs) return;
    if (told !== undefined) which.tick({ ...told, spokenAt: undefined });
    agenda.put(agenda.now() + around.tickInterval, () => {
      tickFor(which);
    });
  };

  return {
    bringUp,
    state: () => (lvs === undefined ? 'gone' : hung ? 'hangs' : 'runs'),
    configure: () => lvs?.configure(),
    tick: (now) => {
      told = now;
      lvs?.tick(now);
    },
    terminate: () => {
      if (lvs === undefined) give('kept', (at) => ({ type: 'lvs-ended', at, ending: exited }));
      else lvs.terminate();
    },
    kill: () => lvs?.kill(),
    hang: () => {
      hung = true;
      lvs?.hang();
    },
    resume: () => {
      hung = false;
    },
    freeze: () => lvs?.hang(),
    thaw: () => {
      if (!hung) lvs?.goOn();
    },
    parentGone: () => {
      starting += 1;
      if (around.lifeline) lvs?.parentGone();
    },
    lose: () => {
      const gone = lvs;
      lvs = undefined;
      gone?.kill();
      starting += 1;
      told = undefined;
    },
    powerOn: () => {
      hung = false;
    },
    adopt: () => lvs?.adopt(),
    killHung: () => {
      hung = false;
      lvs?.kill();
    },
    serversAnswer: (answer) => {
      if (answering === answer) return;
      answering = answer;
      lvs?.serversChanged();
    },
  };
}

const exited = { type: 'exited', code: 0 } as const;
const killed = { type: 'killed', signal: 'SIGKILL' } as const;
