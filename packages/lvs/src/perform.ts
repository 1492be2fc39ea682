// The hands of lvs: does what step orders and tells what came of it.
import type { Clock, FloatingAddress, Outcome } from '@piranha/domain';
import { assertNever } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { LvsMessage } from '@piranha/protocol';
import type { Batches } from './hands/batches.ts';
import { openBatches } from './hands/batches.ts';
import { loadFtpModule, readLoads, runIpvsadm } from './hands/ipvsadm.ts';
import { nannyHands } from './hands/nanny-hands.ts';
import type { TableNews } from './news.ts';
import type { OrderBook } from './order-book.ts';
import { wordsOf } from './rules/words.ts';
import type { LvsAction, LvsEvent } from './events.ts';
import type { TableWork } from './keeper.ts';

/** What actions are done with. */
export type World = {
  readonly clock: Clock;
  readonly log: Logger;
  /** Lines that nannies have for the log. */
  readonly nannyLog: Logger;
  readonly nanny: string;
  readonly tell: (message: LvsMessage) => void;
  /** Keeps orders for the next lvs; tells why they cannot be kept, undefined where they are. */
  readonly saveOrders: (book: OrderBook) => string | undefined;
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
  const batches = openBatches();
  const kernel = kernelHands(world, batches);

  const perform = (action: LvsAction): void => {
    switch (action.type) {
      case 'news':
        logNews(log, action.news);
        return;
      case 'tell':
        world.tell(action.message);
        return;
      case 'work-on-table':
        kernel.writeTable(action);
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
        world.dispatch({ type: 'orders-saved', at: world.clock.now(), problem: world.saveOrders(action) });
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
  const close = async (): Promise<void> => {
    await Promise.all([nannies.close(), batches.close()]);
  };
  return { perform, close };
}

function logNews(log: Logger, news: TableNews): void {
  const words = wordsOf(news);
  if (words !== undefined) log[words.level](words.text, words.fields);
}

/** What is asked of the kernel: each tells later what came of it. */
function kernelHands({ clock, dispatch, lowerAddresses }: World, batches: Batches) {
  let runs: Promise<unknown> = Promise.resolve();

  const writeTable = async (work: TableWork, before: Promise<unknown>): Promise<void> => {
    const result = await runIpvsadm(work, batches.run, before);
    dispatch({ type: 'table-done', at: clock.now(), run: work.run, result });
    if (result.read.ok) batches.prepare(work.ipvsadm);
  };

  return {
    writeTable: (work: TableWork): void => {
      runs = writeTable(work, runs);
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
  };
}
