// What nannies say of servers: verdicts, loads, and orders that came as signals.
import type { Instant } from '@piranha/domain';
import { chain } from '@piranha/domain';
import type { Health, ServerId } from '@piranha/ipvs';
import { beginRamp, loaded } from './server-weights.ts';
import { force } from './server-orders.ts';
import type { Finding, LvsAction, LvsEvent } from '../events.ts';
import type { Watch } from '../state-parts.ts';
import type { LvsState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, tellNews } from './transition.ts';

/** Findings; one on a server that this nanny no longer has is late and says nothing. */
export function onFindings(
  before: LvsState,
  { nanny, findings, at }: Extract<LvsEvent, { readonly type: 'nanny-said' }>,
): Transition {
  const [health, judgements, ramps] = [new Map(before.health), new Map(before.judgements), new Map(before.ramps)];
  const anew = new Set(before.anew);
  const news: LvsAction[] = [];
  const forced: Extract<Finding, { type: 'force' }>[] = [];

  const judge = (server: ServerId, found: 'up' | 'down', reason: string): void => {
    const known = health.get(server) === found ? judgements.get(server) : undefined;
    const watch = before.watches.get(server);
    if (found === 'down') ramps.delete(server);
    else if (watch !== undefined && !ramps.has(server)) ramps.set(server, beginRamp(before, server, watch, at));
    if (watch !== undefined && health.get(server) !== found)
      news.push(judged(server, watch, health.get(server), found, reason));
    health.set(server, found);
    anew.delete(server);
    judgements.set(server, { since: known?.since ?? at, reason });
  };

  for (const finding of findings) {
    const { server } = finding;
    const watch = before.watches.get(server);
    if (watch?.nanny !== nanny) continue;
    const ramp = ramps.get(server);
    if (finding.type === 'up') judge(server, 'up', '');
    else if (finding.type === 'down') judge(server, 'down', finding.reason);
    else if (finding.type === 'force') forced.push(finding);
    else if (ramp !== undefined) ramps.set(server, loaded(ramp, finding.load, watch));
  }
  return chain(
    { ...before, health, judgements, ramps, anew },
    (state) => go(state, ...news),
    ...forced.map((each) => (state: LvsState) => obeySignal(state, each, at)),
  );
}

const judged = (
  server: ServerId,
  { label }: Watch,
  from: Health | undefined,
  found: 'up' | 'down',
  reason: string,
): LvsAction =>
  tellNews({
    type: found === 'up' ? 'server-up' : 'server-down',
    ...{ server, label, from: from ?? 'unknown', because: { type: 'nanny-said', reason } },
  });

function obeySignal(state: LvsState, { server, to }: Extract<Finding, { type: 'force' }>, at: Instant): Transition {
  const label = state.watches.get(server)?.label ?? server;
  return force(state, { id: server, label }, to, at).transition;
}
