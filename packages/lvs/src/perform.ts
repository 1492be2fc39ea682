// The hands of lvs: does what step orders and tells what came of it.
import type { FloatingAddress } from '@piranha/config';
import type { Clock, Outcome } from '@piranha/domain';
import { assertNever } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { LvsMessage } from '@piranha/protocol';
import { loadFtpModule, readLoads, workOnTable } from './ipvsadm.ts';
import { nannyHands } from './nanny-hands.ts';
import type { LvsAction, LvsEvent, Orders, TableWork } from './state.ts';

/** What actions are done with. */
export type World = {
  readonly clock: Clock;
  readonly log: Logger;
  /** Lines that nannies have for the log. */
  readonly nannyLog: Logger;
  readonly nanny: string;
  readonly tell: (message: LvsMessage) => void;
  /** Keeps orders for the next lvs. */
  readonly saveOrders: (orders: Orders) => void;
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
  const { log } = world;
  const nannies = nannyHands(world);
  const kernel = kernelHands(world);

  const perform = (action: LvsAction): void => {
    switch (action.type) {
      case 'log':
        log[action.level](action.text, action.fields);
        return;
      case 'tell':
        world.tell(action.message);
        return;
      case 'work-on-table':
        void kernel.writeTable(action);
        return;
      case 'load-ftp-module':
        void kernel.loadForFtp();
        return;
      case 'count-connections':
        void kernel.countConnections(action.ipvsadm);
        return;
      case 'lower-addresses':
        void kernel.lowerAddresses(action.addresses);
        return;
      case 'save-orders':
        world.saveOrders(action.orders);
        return;
      case 'exit':
        world.onExit(action.status);
        return;
      case 'start-nanny':
      case 'command-nanny':
      case 'stop-nanny':
      case 'kill-nanny':
        nannies.perform(action);
        return;
      default:
        assertNever(action, 'lvs action');
    }
  };
  return { perform, close: nannies.close };
}

/** What is asked of the kernel: each tells later what came of it. */
const kernelHands = ({ clock, dispatch, lowerAddresses }: World) => ({
  writeTable: async (work: TableWork): Promise<void> => {
    const result = await workOnTable(work);
    dispatch({ type: 'table-done', at: clock.now(), result });
  },
  countConnections: async (ipvsadm: string): Promise<void> => {
    const loads = await readLoads(ipvsadm);
    dispatch({ type: 'connections-counted', at: clock.now(), loads });
  },
  loadForFtp: async (): Promise<void> => {
    const problem = await loadFtpModule();
    dispatch({ type: 'ftp-module-done', at: clock.now(), problem });
  },
  lowerAddresses: async (addresses: readonly FloatingAddress[]): Promise<void> => {
    const result = await lowerAddresses(addresses);
    dispatch({ type: 'addresses-lowered', at: clock.now(), result });
  },
});
