// What an administrator sees on a router.
import type { Result } from './command.ts';
import { nowMs, until } from './command.ts';
import type { Host } from './host.ts';
import { hasVip, livingServers } from './look.ts';
import { step } from './steps.ts';

/** The kernel's table as ipvsadm prints it, one line an entry, sorted. */
export async function ipvsTable(router: Host): Promise<string[]> {
  const saved = await router.must(['ipvsadm', '-S', '-n']);
  return saved
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .sort();
}

/** The real servers in the table with their weights: `10.2.0.11:80` → 2. */
export async function serversInTable(router: Host): Promise<Record<string, number>> {
  const entries = (await ipvsTable(router)).flatMap((line) => {
    const found = /^-a .* -r (\S+) .*-w (\d+)/.exec(line);
    return found?.[1] === undefined ? [] : [[found[1], Number(found[2])] as const];
  });
  return Object.fromEntries(entries);
}

/** The IPv4 addresses of a device with their labels, as `ip address` has them. */
export async function addressesOn(
  router: Host,
  device: string,
): Promise<{ local: string; prefixlen: number; label: string; broadcast?: string }[]> {
  const listed = JSON.parse(await router.must(['ip', '-j', '-4', 'address', 'show', 'dev', device])) as {
    addr_info: { local: string; prefixlen: number; label: string; broadcast?: string }[];
  }[];
  return listed.flatMap((each) => each.addr_info);
}

/** Waits until a router owns the virtual address and its table has `count` servers. */
export const untilServing = (router: Host, count: number, limitMs: number): Promise<boolean> =>
  until(
    `${router.name} to serve with ${count} servers`,
    limitMs,
    () => hasVip(router) && livingServers(router) === count,
  );

/** Programs that only interpret take their time to start, beside a partner that works already (ms). */
const slowestService = 90_000;

/** The init script, as an administrator calls it. */
export async function service(router: Host, verb: string): Promise<Result> {
  const began = nowMs();
  const result = await router.run(['service', 'pulse', verb], '', slowestService);
  const took = Math.round(nowMs() - began);
  step(`${router.name}: service pulse ${verb}: status ${result.code} after ${took} ms`);
  return result;
}
