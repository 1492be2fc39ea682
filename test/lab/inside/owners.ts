// Who had the virtual address, and when: from the kernels of both routers, with the times at which they reported it.
import { pause } from './command.ts';
import type { Host } from './host.ts';
import { vip } from './lab.ts';

/** The address came to a router or left it; in ms of the wall clock, which all hosts share. */
type Move = { readonly at: number; readonly router: string; readonly has: boolean };

/** A running watch. */
export type OwnerWatch = {
  readonly moves: () => readonly Move[];
  /** All that was reported, in order of time. */
  readonly reports: () => readonly Move[];
  readonly stop: () => Promise<void>;
};

/** A report is dated when it is read: before all else, as the suite's own priority is high while it takes over. */
const atOnce = ['chrt', '--fifo', '80'];

/** Watches routers that do not have the address yet, until stopped. */
export async function watchOwners(routers: readonly Host[]): Promise<OwnerWatch> {
  const reported: Move[] = [];
  const monitors = routers.map((router) =>
    router.start([...atOnce, 'ip', '-o', '-ts', 'monitor', 'address'], (line) => {
      const [, stamp = '', what = ''] = /^\[([^\]]+)\]\s*(.*)$/.exec(line) ?? [];
      if (!what.includes(` ${vip}/`)) return;
      reported.push({ at: Date.parse(stamp.slice(0, 23)), router: router.name, has: !what.startsWith('Deleted') });
    }),
  );
  // There is no sign that they listen.
  await pause(1000);
  return {
    moves: () => onlyChanges(reported, []),
    reports: () => [...reported].sort((a, b) => a.at - b.at),
    stop: async () => {
      await Promise.all(monitors.map((monitor) => monitor.stop()));
    },
  };
}

/** In order of time, from these owners on; an address that is put where it stands already has not moved. */
export function onlyChanges(reported: readonly Move[], first: readonly string[]): Move[] {
  const owners = new Set<string>(first);
  return [...reported]
    .sort((a, b) => a.at - b.at)
    .filter(({ router, has }) => {
      if (owners.has(router) === has) return false;
      if (has) owners.add(router);
      else owners.delete(router);
      return true;
    });
}
