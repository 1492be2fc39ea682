// A virtual address that pulse has not raised, on a router that does not serve: both routers have to say so.
import { statfsSync } from 'node:fs';
import type { StatusAnswer } from '@piranha/protocol';
import { nowMs, pause } from '../command.ts';
import { hasVip, statusOf } from '../look.ts';
import type { Cast } from './act.ts';
import { orNone, processesOf } from './processes.ts';
import type { RouterName, Site } from './site.ts';
import { routerNames } from './site.ts';

/** What one router shows of it. */
export type Shown = {
  readonly name: RouterName;
  readonly status: Pick<StatusAnswer, 'state' | 'pair' | 'partner'> | undefined;
  readonly log: readonly string[];
  /** Nothing can have got lost of what was said in this round. */
  readonly isLogWhole: boolean;
};

/** The router that has the address, and the other one. */
export type Sight = { readonly stands: boolean; readonly here: Shown; readonly other: Shown };

/** pulse looks every second, and tells its partner at once (ms). */
const longest = 5000;

/**
 * Watches for as long as the act lasts, and longer where the alarm is still due: until it is there, or a router can no
 * longer be expected to give it.
 */
export async function watchAlarm(site: Site, { router, lastsMs }: Cast): Promise<readonly string[]> {
  const look = lookerAt(site, router);
  const lasts = nowMs() + lastsMs;
  for (let dueSince: number | undefined; ;) {
    const sight = await look();
    dueSince = isDue(sight) ? (dueSince ?? nowMs()) : undefined;
    const unsaid = dueSince === undefined ? [] : missing(sight);
    if (dueSince !== undefined && nowMs() - dueSince > longest) return unsaid;
    if (nowMs() > lasts && unsaid.length === 0) return [];
    await pause(250);
  }
}

function lookerAt(site: Site, router: RouterName): () => Promise<Sight> {
  const other = router === 'r1' ? 'r2' : 'r1';
  const loggers = new Map(routerNames.map((name) => [name, loggerOf(site, name)]));
  const lossy = new Set<RouterName>();
  const show = async (name: RouterName): Promise<Shown> => {
    const logger = loggerOf(site, name);
    if (logger === undefined || logger !== loggers.get(name) || !hasRoom(site, name)) lossy.add(name);
    const status = await statusOf<StatusAnswer>(site.router(name));
    return { name, status, log: await site.logOf(name), isLogWhole: !lossy.has(name) };
  };
  return async () => ({
    stands: hasVip(site.router(router)),
    here: await show(router),
    other: await show(other),
  });
}

/** The process that writes the log; undefined where none does. */
const loggerOf = (site: Site, name: RouterName): string | undefined =>
  processesOf(site.router(name)).find(({ words, zombie }) => !zombie && words.includes('syslogd'))?.life;

/** For a line of the log: the file lies in /var/log, and /run has a link to it. */
const hasRoom = (site: Site, name: RouterName): boolean =>
  orNone(() => [statfsSync(`/proc/${site.router(name).pid}/root/var/log`)]).some(({ bavail }) => bavail > 0);

/** Both run and hear each other, and the address is where the service is not. */
export function isDue({ stands, here, other }: Sight): boolean {
  const [standby, owner] = [here.status, other.status];
  return (
    stands &&
    standby?.state === 'inactive' &&
    owner?.state === 'active' &&
    [standby, owner].every(({ partner }) => partner?.hearsUs === true) &&
    standby.partner?.said === 'running' &&
    owner.partner?.said === 'stopped'
  );
}

/** Where the alarm is not, in words. */
export const missing = ({ here, other }: Sight): string[] => [
  ...missingAt(here, 'was not raised by pulse'),
  ...missingAt(other, 'its pulse has not raised this'),
];

const missingAt = ({ name, status, log, isLogWhole }: Shown, alarm: string): string[] => [
  ...(status?.pair.alarm?.includes(alarm) === true ? [] : [`${name}: status does not say "${alarm}"`]),
  ...(!isLogWhole || log.some((line) => line.includes(alarm)) ? [] : [`${name}: its log does not say "${alarm}"`]),
];
