// Watches one real server in a router's table without costing what is watched much: no process is started, and only
// the beginning of the listing is read, where the kernel has put the server's service.
import { closeSync, openSync, readSync } from 'node:fs';
import { nowMs, pause } from '../command.ts';
import type { Host } from '../host.ts';
import { serverPort } from '../many-services.ts';
import { firstServer, listedAs, lists } from './listing.ts';

/** Watches the server that the kernel lists first. */
export type TableWatch = {
  readonly address: string;
  /** Waits until it is in the table or out of it; gives the moment (ms, monotonic). */
  readonly until: (state: 'in' | 'out') => Promise<number>;
  /** How long one look takes (ms), as a mean. */
  readonly cost: () => number;
  readonly close: () => void;
};

const limit = 60_000;

/** Time between two looks (ms): no moment is known more closely than this. */
const between = 4;

/** Opens the listing of a router whose table is complete. */
export function watchFirstServer(router: Host): TableWatch {
  const file = openSync(`/proc/${router.pid}/net/ip_vs`, 'r');
  // A page of the listing: read from its start, the kernel makes no more than this.
  const page = Buffer.alloc(4096);
  const look = (): string => page.toString('latin1', 0, readSync(file, page, 0, page.length, 0));
  const address = firstServer(look());
  if (address === undefined) throw new Error(`there is no real server in the table of ${router.name}`);
  const server = listedAs(address, serverPort);
  let [looks, spent] = [0, 0];
  return {
    address,
    until: async (state) => {
      const end = nowMs() + limit;
      for (;;) {
        const began = nowMs();
        const there = lists(look(), server);
        looks++;
        spent += nowMs() - began;
        if (there === (state === 'in')) return began;
        if (began > end) throw new Error(`${address} is not ${state} within ${limit} ms`);
        await pause(between);
      }
    },
    cost: () => spent / looks,
    close: () => {
      closeSync(file);
    },
  };
}
