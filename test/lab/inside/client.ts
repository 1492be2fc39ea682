// What the client of the lab received.
import { nowMs, pause } from './command.ts';
import type { Host } from './host.ts';
import type { Request } from './probe.ts';
import { tellWait } from './steps.ts';

/** Where hosts find the probe: each has its own /tmp, and the checkout may lie in there. */
export const probeProgram = '/usr/lib/piranha-lab/probe.cjs';

/** The stream of requests of a client. */
export type Traffic = {
  /** Everything that has ended since `since` (ms, monotonic), oldest first. */
  readonly since: (since: number) => Request[];
  /** Waits for the first request sent at or after `since` that was answered; fails after `limitMs`. */
  readonly answeredAfter: (since: number, limitMs: number) => Promise<Request>;
  /** Waits until all that were sent before a request have ended, which takes 2 s at most. */
  readonly allBefore: (request: Request) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Starts the probe on a host. It runs without a just-in-time compiler: in an emulated guest that keeps its rhythm. */
export function startTraffic(host: Host, address: string): Traffic {
  const requests: Request[] = [];
  const probe = host.start([process.execPath, '--jitless', probeProgram, address], (line) => {
    if (line.startsWith('{')) requests.push(JSON.parse(line) as Request);
    else if (!line.includes('expose_wasm') && !line.includes('--trace-warnings'))
      process.stderr.write(`probe: ${line}\n`);
  });
  return {
    since: (since) => requests.filter((each) => each.sentAt >= since),
    answeredAfter: async (since, limitMs) => {
      const began = nowMs();
      const end = began + limitMs;
      for (;;) {
        const first = requests.find((each) => each.sentAt >= since && each.outcome.type === 'answered');
        if (first !== undefined) {
          tellWait('a request to be answered', nowMs() - began, 'held');
          return first;
        }
        if (nowMs() > end)
          throw new Error(`no request was answered within ${limitMs} ms: ${summary(requests.slice(-50))}`);
        await pause(20);
      }
    },
    allBefore: async ({ number }) => {
      const isOpen = (): boolean => requests.filter((each) => each.number < number).length < number - 1;
      for (const end = nowMs() + 3000; isOpen() && nowMs() < end;) await pause(20);
    },
    stop: () => probe.stop('SIGKILL'),
  };
}

/** How requests went, in one line. */
export function summary(requests: readonly Request[]): string {
  const counts = new Map<string, number>();
  for (const { outcome } of requests) {
    const key = outcome.type === 'answered' ? `answered by ${outcome.server}` : `${outcome.type} (${outcome.problem})`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => `${count} ${key}`).join(', ') || 'no request';
}

/** How many requests each server answered. */
export function shares(requests: readonly Request[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of requests) {
    if (outcome.type === 'answered') counts[outcome.server] = (counts[outcome.server] ?? 0) + 1;
  }
  return counts;
}

/** Requests that were not answered. */
export const failed = (requests: readonly Request[]): Request[] =>
  requests.filter((each) => each.outcome.type !== 'answered');

/** The longest time without an answered request, in ms. */
export function longestGap(requests: readonly Request[]): number {
  const answered = requests.filter((each) => each.outcome.type === 'answered').map((each) => each.doneAt);
  const sorted = answered.sort((a, b) => a - b);
  return Math.max(0, ...sorted.slice(1).map((at, index) => at - (sorted[index] ?? at)));
}
