// The hands of lvs: does what step orders and tells what came of it.
import type { FloatingAddress } from '@piranha/config';
import type { Clock, Outcome } from '@piranha/domain';
import { assertNever } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { LvsMessage } from '@piranha/protocol';
import { decodeNannyMessage, encodeLine } from '@piranha/protocol';
import type { Child } from '@piranha/runtime';
import { describeEnding, startChild } from '@piranha/runtime';
import { loadFtpModule, workOnTable } from './ipvsadm.ts';
import type { LvsAction, LvsEvent, TableWork } from './state.ts';

/** What actions are done with. */
export type World = {
  readonly clock: Clock;
  readonly log: Logger;
  /** Lines that nannies have for the log. */
  readonly nannyLog: Logger;
  readonly nanny: string;
  readonly tell: (message: LvsMessage) => void;
  readonly lowerAddresses: (addresses: readonly FloatingAddress[]) => Promise<Outcome<unknown, string>>;
  readonly dispatch: (event: LvsEvent) => void;
  readonly onExit: (status: number) => void;
};

export type Hands = {
  readonly perform: (action: LvsAction) => void;
  /** Stops what still runs; resolves when all of it has ended. */
  readonly close: () => Promise<void>;
};

/** Makes the hands. */
export function makeHands(world: World): Hands {
  const { clock, log, dispatch } = world;
  const nannies = nannyHands(world);

  const writeTable = async (work: TableWork): Promise<void> => {
    const result = await workOnTable(work);
    dispatch({ type: 'table-done', at: clock.now(), result });
  };

  const loadForFtp = async (): Promise<void> => {
    const problem = await loadFtpModule();
    dispatch({ type: 'ftp-module-done', at: clock.now(), problem });
  };

  const lowerAddresses = async (addresses: readonly FloatingAddress[]): Promise<void> => {
    const result = await world.lowerAddresses(addresses);
    dispatch({ type: 'addresses-lowered', at: clock.now(), result });
  };

  const perform = (action: LvsAction): void => {
    switch (action.type) {
      case 'log':
        log[action.level](action.text, action.fields);
        return;
      case 'tell':
        world.tell(action.message);
        return;
      case 'work-on-table':
        void writeTable(action);
        return;
      case 'load-ftp-module':
        void loadForFtp();
        return;
      case 'lower-addresses':
        void lowerAddresses(action.addresses);
        return;
      case 'exit':
        world.onExit(action.status);
        return;
      case 'start-nanny':
      case 'command-nanny':
      case 'stop-nanny':
        nannies.perform(action);
        return;
      default:
        assertNever(action, 'lvs action');
    }
  };
  return { perform, close: nannies.close };
}

type NannyAction = Extract<LvsAction, { readonly type: 'start-nanny' | 'command-nanny' | 'stop-nanny' }>;

/** A nanny that was told to stop has this long (ms) before it is killed. */
const nannyGrace = 1000;

function nannyHands({ clock, log, nannyLog, nanny: file, dispatch }: World) {
  const children = new Map<number, Child>();

  const onLine = (nanny: number, line: string): void => {
    const decoded = decodeNannyMessage(line);
    if (!decoded.ok) log.warning('a nanny sent an unknown message', { nanny, problem: decoded.error });
    else if (decoded.value.type === 'log') nannyLog[decoded.value.level](decoded.value.text);
    else dispatch({ type: 'nanny-said', at: clock.now(), nanny, verdict: decoded.value });
  };

  const start = (nanny: number): void => {
    const child = startChild({
      file,
      args: ['--commands'],
      onLine: (line) => {
        onLine(nanny, line);
      },
      onErrorLine: (line) => {
        nannyLog.warning(line);
      },
      onEnd: (ending) => {
        children.delete(nanny);
        dispatch({ type: 'nanny-ended', at: clock.now(), nanny, how: describeEnding(ending) });
      },
    });
    children.set(nanny, child);
    if (child.pid !== undefined) dispatch({ type: 'nanny-started', at: clock.now(), nanny, pid: child.pid });
  };

  const perform = (action: NannyAction): void => {
    switch (action.type) {
      case 'start-nanny':
        start(action.nanny);
        return;
      case 'command-nanny':
        children.get(action.nanny)?.send(action.commands.map(encodeLine).join(''));
        return;
      case 'stop-nanny':
        void children.get(action.nanny)?.stop(nannyGrace);
    }
  };

  const close = async (): Promise<void> => {
    await Promise.all([...children.values()].map((child) => child.stop(nannyGrace)));
  };
  return { perform, close };
}
