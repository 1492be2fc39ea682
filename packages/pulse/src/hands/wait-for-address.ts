// A pulse whose machine has neither router's address yet: it waits in the background, says so once, and then begins.
import type { Clock, Instant, Outcome } from '@piranha/domain';
import { between, milliseconds } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { ControlAnswer } from '@piranha/protocol';
import { decodeControlRequest, encodeLine } from '@piranha/protocol';
import { inTurn, listenToSignals, release } from '@piranha/runtime';
import { controlSocketPath, openControlSocket } from '@piranha/runtime/sockets';
import type { Refusal } from './suitability.ts';

/** From one look to the next. */
const lookEvery = milliseconds(500);

/** What is waited with. */
export type Waiting<Fit> = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly file: string;
  /** Whether pulse can begin on this machine as it is now. */
  readonly look: () => Promise<Outcome<Fit, Refusal>>;
  /** Goes by the file as it is now, or tells why not, and goes by the one before. */
  readonly reread: () => Promise<readonly string[]>;
  /** Where pulse listens. */
  readonly socket?: string;
};

/** What ended it: pulse can begin, can never begin with this file, or was told to stop. */
type Waited<Fit> = Outcome<Fit, Refusal> | 'stopped';

/** Waits until the machine has an address of a router; `missing` says which ones it has not. */
export async function waitForAddress<Fit>(waiting: Waiting<Fit>, missing: string): Promise<Waited<Fit>> {
  const { log } = waiting;
  log.warning(`${waitsFor(missing)}; if lvs.cf is not meant for this machine, stop pulse`);
  const bell = listenForOrders(log);
  const rereadAloud = inTurn();
  const reread = (): Promise<readonly string[]> =>
    rereadAloud(async () => {
      log.notice('rereading configuration file', { file: waiting.file });
      const problems = await waiting.reread();
      for (const problem of problems) log.error(problem);
      return problems;
    });
  const control = await answerMeanwhile({ ...waiting, reread }, missing);
  if (!control.ok) log.warning('lvsctl cannot ask this pulse: no control socket', { problem: control.error });
  try {
    for (;;) {
      const order = await bell.rung(lookEvery);
      if (order === 'stop') return 'stopped';
      if (order === 'reload') await reread();
      const seen = await waiting.look();
      if (seen.ok || seen.error.waitsFor === undefined) return seen;
    }
  } finally {
    bell.close();
    if (control.ok) await control.value.close();
  }
}

/** What to say of it. */
const waitsFor = (missing: string): string => `pulse waits for ${missing}: this machine has not got that address yet`;

type Order = 'stop' | 'reload';

/** Signals, kept until somebody asks. */
function listenForOrders(log: Logger) {
  let order: Order | undefined;
  let wake = (): void => undefined;
  const take = (given: Order): void => {
    // Nothing comes after a stop.
    if (order !== 'stop') order = given;
    wake();
  };
  const close = listenToSignals({
    onStop: (name) => {
      log.notice(`Terminating due to signal ${name}`);
      take('stop');
    },
    onReload: () => {
      take('reload');
    },
  });
  /** The order that has come, or comes in this time; undefined for none. */
  const rung = async (limitMs: number): Promise<Order | undefined> => {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, order === undefined ? limitMs : 0);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    const given = order;
    order = undefined;
    return given;
  };
  return { rung, close };
}

/** Answers `lvsctl`: how long pulse has been waiting, and for what. */
function answerMeanwhile({ clock, log, file, reread, socket = controlSocketPath }: Waiting<unknown>, missing: string) {
  const since: Instant = clock.now();
  const answerTo = async (line: string): Promise<ControlAnswer> => {
    const request = decodeControlRequest(line);
    if (!request.ok) return { type: 'error', problem: `unknown request: ${request.error}` };
    if (request.value.type === 'reload') return { type: 'reload', problems: [...(await reread())] };
    if (request.value.type !== 'status') return { type: 'error', problem: waitsFor(missing) };
    const sinceMs = Math.round(between(since, clock.now()));
    return { type: 'waiting', version: release, pid: process.pid, file, sinceMs, problem: missing };
  };
  return openControlSocket({
    path: socket,
    answer: async (line) => encodeLine(await answerTo(line)),
    onError: (problem) => {
      log.warning('a question to pulse was lost', { problem });
    },
  });
}
