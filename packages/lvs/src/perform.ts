// The hands of lvs: does what step orders and tells what came of it.
import type { FloatingAddress } from '@piranha/config';
import type { Clock, Outcome } from '@piranha/domain';
import { assertNever } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { LvsMessage } from '@piranha/protocol';
import { loadFtpModule, workOnTable } from './ipvsadm.ts';
import { nannyHands } from './nanny-hands.ts';
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
