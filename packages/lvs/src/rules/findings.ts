// What nannies say of servers: verdicts, loads, and orders that came as signals.
import { chain } from '@piranha/domain';
import type { Health, ServerId } from '@piranha/ipvs';
import { beginRamp, loaded } from './server-weights.ts';
import type { FoundServer } from './find-server.ts';
import { forceBySignal } from './server-orders.ts';
import type { LvsAction, LvsEvent } from '../events.ts';
import type { CheckedServer, WatchId } from '../state-parts.ts';
import type { LvsState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, tellNews } from './transition.ts';

/** Findings; one of a watch that this nanny no longer has is late and says nothing. */
export function onFindings(
  before: LvsState,
  { nanny, findings, at }: Extract<LvsEvent, { readonly type: 'nanny-said' }>,
): Transition {
  const [health, judgements, ramps] = [new Map(before.health), new Map(before.judgements), new Map(before.ramps)];
  const anew = new Set(before.anew);
  const news: LvsAction[] = [];
  const forced: (FoundServer & { readonly to: 'up' | 'down' | 'auto' })[] = [];

  const judge = (id: ServerId, server: CheckedServer, found: 'up' | 'down', reason: string): void => {
    const known = health.get(id) === found ? judgements.get(id) : undefined;
    if (found === 'down') ramps.delete(id);
    else if (!ramps.has(id)) ramps.set(id, beginRamp(before, id, server, at));
    if (health.get(id) !== found) news.push(judged(id, server, health.get(id), found, reason));
    health.set(id, found);
    anew.delete(id);
    judgements.set(id, { since: known?.since ?? at, reason });
  };

  for (const finding of findings) {
    // What no watch of ours is called has no effect.
    const watch = before.watches.get(finding.watch as WatchId);
    if (watch?.nanny !== nanny) continue;
    const id = watch.server;
    const server = before.servers.get(id);
    if (server === undefined) continue;
    const ramp = ramps.get(id);
    if (finding.type === 'up') judge(id, server, 'up', '');
    else if (finding.type === 'down') judge(id, server, 'down', finding.reason);
    else if (finding.type === 'force') forced.push({ id, label: server.label, to: finding.to });
    else if (ramp !== undefined) ramps.set(id, loaded(ramp, finding.load, server));
  }
  return chain(
    { ...before, health, judgements, ramps, anew },
    (state) => go(state, ...news),
    ...forced.map(
      ({ to, ...server }) =>
        (state: LvsState) =>
          forceBySignal(state, server, to, at),
    ),
  );
}

const judged = (
  server: ServerId,
  { label }: CheckedServer,
  from: Health | undefined,
  found: 'up' | 'down',
  reason: string,
): LvsAction =>
  tellNews({
    type: found === 'up' ? 'server-up' : 'server-down',
    ...{ server, label, from: from ?? 'unknown', because: { type: 'nanny-said', reason } },
  });
