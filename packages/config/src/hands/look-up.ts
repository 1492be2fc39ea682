// Looks up host names: each within a limit of its own, and none waits for those that hang.
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { getSystemErrorMap } from 'node:util';
import type { IpAddress, Millis, Outcome } from '@piranha/domain';
import { failure, milliseconds, parseIpAddress, seconds, success } from '@piranha/domain';
import type { Names } from '../host-address.ts';
import type { HostText } from '../configuration.ts';
import type { HostUse, LostHost } from '../resolve.ts';
import { whyNoHost } from '../single-host.ts';

/** Finds the address of a host name; undefined where there is none. The signal calls it off. */
export type Lookup = (name: HostText, signal: AbortSignal) => Promise<IpAddress | undefined>;

/** How long looking up may take. */
export type Patience = {
  /** For each name that the file can do without. */
  readonly limit: Millis;
  /** For each name of the routers themselves. */
  readonly essential: Millis;
  /** Once a name has an address, the others have this long: it shall not wait for them. */
  readonly afterNews: Millis;
};

/** Nothing is used before all is known. */
export const untilAllIsKnown: Patience = { limit: seconds(5), essential: seconds(5), afterNews: seconds(5) };

/** What has an address shall be used at once. */
export const quickly: Patience = { ...untilAllIsKnown, limit: seconds(1) };

/** Nobody waits for the end; resolvers with a dead name server take 5 seconds and more. */
export const thoroughly: Patience = { limit: seconds(20), essential: seconds(20), afterNews: milliseconds(250) };

/** What looking up has found: an address or null for every name, and why there is none. */
type Resolved = { readonly names: Names; readonly lost: readonly LostHost[] };

/** So many look-ups begin at a time; one that takes longer than this (ms) no longer keeps the next from beginning. */
const mostAtOnce = 32;
const slow = 250;

/**
 * Asks as the system does for every program (nsswitch.conf(5)): IPv4 first, the first address counts. In a process of its
 * own: Node asks in threads that it has few of, and two names whose server is silent would hold up all others.
 */
export const lookupHost: Lookup = (name, signal) =>
  new Promise((resolve, reject) => {
    const args = ['--no-addrconfig', '--', 'ahosts', name];
    execFile('getent', args, { signal, killSignal: 'SIGKILL' }, (error, stdout) => {
      // Status 2: nobody knows it (getent(1)).
      if (error === null || error.code === 2) resolve(firstAddress(stdout));
      else reject(new Error(error.message, { cause: error }));
    });
  });

/** From lines such as `10.0.0.1  STREAM name`. */
export function firstAddress(answer: string): IpAddress | undefined {
  const addresses = answer.split('\n').map((line) => line.split(/\s/, 1)[0] ?? '');
  const first = addresses.find((each) => parseIpAddress(each) !== undefined && !each.includes(':')) ?? addresses[0];
  return parseIpAddress(first ?? '');
}

/** Looks up all names. Look-ups that have not answered in the end are called off. */
export async function resolveNames(
  hosts: readonly HostUse[],
  lookup: Lookup = lookupHost,
  { limit, essential, afterNews }: Patience = untilAllIsKnown,
): Promise<Resolved> {
  const answers = new Map<HostText, Outcome<IpAddress, string>>();
  const enough = new AbortController();
  let news: NodeJS.Timeout | undefined;

  const lookUp = async (host: HostUse): Promise<void> => {
    const answer = await within(host.essential ? essential : limit, lookup, host.name, enough.signal);
    answers.set(host.name, answer);
    if (answer.ok) news ??= setTimeout(() => { enough.abort(); }, afterNews); // prettier-ignore
  };
  await fewAtATime(hosts, lookUp, enough.signal);
  clearTimeout(news);
  const answerTo = ({ name }: HostUse): Outcome<IpAddress, string> => answers.get(name) ?? failure('no answer yet');
  return {
    names: Object.fromEntries(hosts.map((host) => [host.name, valueOf(answerTo(host))])),
    lost: hosts.flatMap((host) => {
      const answer = answerTo(host);
      return answer.ok ? [] : [{ ...host, reason: answer.error }];
    }),
  };
}

const valueOf = (answer: Outcome<IpAddress, string>): IpAddress | null => (answer.ok ? answer.value : null);

/** Does the work for each of them, in their order, until all of it has ended; none is begun after the signal. */
async function fewAtATime<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  enough: AbortSignal,
): Promise<void> {
  const left = items.values();
  const begun: Promise<void>[] = [];
  const workThrough = async (): Promise<void> => {
    for (const item of left) {
      if (enough.aborted) return;
      const done = work(item);
      begun.push(done);
      await endedOr(slow, done);
    }
  };
  await Promise.all(Array.from({ length: mostAtOnce }, workThrough));
  await Promise.all(begun);
}

async function endedOr(limitMs: number, work: Promise<void>): Promise<void> {
  const stop = new AbortController();
  await Promise.race([work, sleep(limitMs, undefined, { signal: stop.signal }).catch(() => undefined)]);
  stop.abort();
}

async function within(
  limit: Millis,
  lookup: Lookup,
  name: HostText,
  enough: AbortSignal,
): Promise<Outcome<IpAddress, string>> {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, enough]);
  const silent = failure(`no answer within ${limit / 1000} s`);
  const late = sleep(limit, silent, { signal }).catch(() => silent);
  const answer = lookup(name, signal).then(
    (address) => (address === undefined ? failure('it has none') : usable(address)),
    (cause: unknown) => failure(reasonOf(cause)),
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    over.abort();
  }
}

/** Filters of advertisements answer with 0.0.0.0. */
function usable(address: IpAddress): Outcome<IpAddress, string> {
  const why = whyNoHost(address);
  return why === undefined ? success(address) : failure(`it is ${address}, ${why}`);
}

/** What a system error means, in words. */
export function reasonOf(cause: unknown): string {
  const known = isSystemError(cause) ? getSystemErrorMap().get(cause.errno)?.[1] : undefined;
  return known ?? String(cause);
}

const isSystemError = (cause: unknown): cause is { readonly errno: number } =>
  typeof cause === 'object' && cause !== null && 'errno' in cause && typeof cause.errno === 'number';
