// The programs that a pair of routers may run: how each is put on a router, started and stopped, and when it is well.
import { nowMs, pause } from '../command.ts';
import type { Host } from '../host.ts';
import { service } from '../router.ts';
import { hasVip, livingServers, statusOf } from '../look.ts';

/** One suite of programs. */
export type Suite = {
  /** Puts on a router that was just switched on what the suite needs. */
  readonly prepare: (router: Host) => Promise<void>;
  readonly start: (router: Host) => Promise<void>;
  /** As an administrator stops it; comes back when it is stopped. */
  readonly stop: (router: Host) => Promise<void>;
  /** Has it read its file again. */
  readonly reload: (router: Host) => Promise<void>;
  /** All of its processes. */
  readonly names: readonly string[];
  /** The process id of what decides who is active. */
  readonly decider: (router: Host) => Promise<string>;
  /** Whether both routers are well: one has the address, the other could have it at once. */
  readonly isWell: (owner: Host, standby: Host) => Promise<boolean>;
};

/** What `lvsctl status --json` says that matters here. */
type Status = {
  readonly state: string;
  readonly pair: { readonly class: number; readonly living: number | null };
  readonly partner: { readonly said: string; readonly hearsUs: boolean | null };
  readonly lvs: unknown;
};

const isWhole = ({ pair, partner, lvs }: Status, said: string): boolean =>
  pair.class === 2 && pair.living === 2 && partner.said === said && partner.hearsUs === true && lvs !== null;

const must = async (router: Host, verb: string): Promise<void> => {
  const { code, stdout, stderr } = await service(router, verb);
  if (code !== 0) throw new Error(`service pulse ${verb} on ${router.name}: status ${code}: ${stdout}${stderr}`);
};

/** This suite. The system log lies on another file system than the state, so that either can be full. */
export const ours: Suite = {
  prepare: async (router) => {
    await router.must(['ln', '-sfn', '/var/log/messages', '/run/messages']);
  },
  start: (router) => must(router, 'start'),
  stop: (router) => must(router, 'stop'),
  reload: (router) => must(router, 'reload'),
  names: ['pulse', 'lvsd', 'nanny', 'send_arp'],
  decider: (router) => router.must(['cat', '/run/pulse.pid']),
  isWell: async (owner, standby) => {
    const [active, inactive] = await Promise.all([statusOf<Status>(owner), statusOf<Status>(standby)]);
    return (
      active?.state === 'active' &&
      isWhole(active, 'stopped') &&
      inactive?.state === 'inactive' &&
      isWhole(inactive, 'running')
    );
  },
};

type Pair = { readonly r1: Host; readonly r2: Host };

/** Who has the address, if it is one router alone. */
export function ownerOf({ r1, r2 }: Pair): 'r1' | 'r2' | 'none' | 'both' {
  const [first, second] = [hasVip(r1), hasVip(r2)];
  if (first && second) return 'both';
  return first ? 'r1' : second ? 'r2' : 'none';
}

/** Between two looks (ms). */
const between = 250;

/** Waits until one router serves with both servers, and the other could; gives who serves. */
export async function untilWell(suite: Suite, pair: Pair, limitMs: number): Promise<'r1' | 'r2'> {
  const end = nowMs() + limitMs;
  for (;;) {
    const owner = ownerOf(pair);
    const servers = [livingServers(pair.r1), livingServers(pair.r2)];
    const served = servers.every((count) => count === 2) && owner !== 'none' && owner !== 'both';
    if (served && (await suite.isWell(pair[owner], pair[owner === 'r1' ? 'r2' : 'r1']))) return owner;
    if (nowMs() > end)
      throw new Error(`not well within ${limitMs} ms: owner ${owner}, servers ${servers.join(' and ')}`);
    await pause(between);
  }
}
