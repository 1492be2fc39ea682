// The nannies' lives: who is started, told, stopped, and started again after a death.
import type { Instant } from '@piranha/domain';
import { after, backoff, between, earliest, milliseconds, never, seconds } from '@piranha/domain';
import type { ServerId } from '@piranha/ipvs';
import type { NannyCommand } from '@piranha/protocol';
import { asksTheSame } from '@piranha/protocol';
import { assign } from './assign.ts';
import { checkedServers, checksOf } from './checks.ts';
import { fitRamps } from './server-weights.ts';
import { pingEvery } from './signs-of-life.ts';
import { checked } from './standing.ts';
import { withoutTroubleOf } from './troubles.ts';
import type { LvsAction, LvsEvent } from '../events.ts';
import type { LvsState } from '../state.ts';
import type { Nanny, Watch, WatchId } from '../state-parts.ts';
import type { Transition } from './transition.ts';
import { go, stay, tellNews } from './transition.ts';

const firstRestart = milliseconds(100);
const slowestRestart = seconds(30);
/** A nanny that lived this long is forgiven its earlier deaths. */
const quietTime = seconds(60);

/** Of a process that has just been ordered. */
const unheard = { heard: false, unanswered: 0 } as const;

const newNanny = (at: Instant): Nanny => ({
  ...{ pid: undefined, startedAt: at, restartAt: never, failures: 0 },
  ...unheard,
});

/** Has every server that should be checked now checked by a nanny, and no other; what is equal stays as it is. */
export function arrangeNannies(before: LvsState, at: Instant): Transition {
  const configuration = checked(before);
  const checks = configuration === undefined ? new Map<WatchId, never>() : checksOf(configuration);
  const servers = configuration === undefined ? new Map<ServerId, never>() : checkedServers(configuration);
  const watches = assign(before, checks, configuration?.maxNannies ?? 0);
  const needed = new Set([...watches.values()].map((watch) => watch.nanny));
  const started = [...needed].filter((nanny) => !before.nannies.has(nanny));
  const stopped = [...before.nannies.keys()].filter((nanny) => !needed.has(nanny));
  const running = stopped.filter((nanny) => before.nannies.get(nanny)?.restartAt === never);
  const kept = [...before.nannies].filter(([nanny]) => needed.has(nanny));
  const state: LvsState = {
    ...before,
    servers,
    watches,
    health: new Map([...servers.keys()].map((server) => [server, before.health.get(server) ?? 'unknown'])),
    judgements: new Map(
      [...servers.keys()].map((server) => [server, before.judgements.get(server) ?? { since: at, reason: '' }]),
    ),
    anew: judgedAnew(before, watches),
    nannies: new Map([...kept, ...started.map((nanny) => [nanny, newNanny(at)] as const)]),
    leaving: new Set([...before.leaving, ...running]),
    lastNanny: Math.max(before.lastNanny, ...started),
    pingAt: needed.size === 0 ? never : earliest(before.pingAt, after(at, pingEvery)),
  };
  return go(
    { ...state, ramps: fitRamps(state, at) },
    ...started.map((nanny): LvsAction => ({ type: 'start-nanny', nanny, user: before.nannyUser })),
    ...tellChanges(before, state),
    ...running.map((nanny): LvsAction => ({ type: 'stop-nanny', nanny })),
  );
}

/** Nannies are to run as another user: these end, and others are started for what they watch. */
export function changeUser(before: LvsState, nannyUser: string | undefined): Transition {
  if (nannyUser === before.nannyUser) return stay(before);
  const running = [...before.nannies].flatMap(([nanny, { restartAt }]) => (restartAt === never ? [nanny] : []));
  return go(
    {
      ...before,
      nannyUser,
      watches: new Map(),
      nannies: new Map(),
      leaving: new Set([...before.leaving, ...running]),
      checkTroubles: new Map(),
    },
    ...running.map((nanny): LvsAction => ({ type: 'stop-nanny', nanny })),
  );
}

/** What a wrong check has found says nothing of a server: it is not made to wait for a fault that was the file's. */
function judgedAnew(before: LvsState, watches: LvsState['watches']): ReadonlySet<ServerId> {
  const isAnew = ([id, { server, check }]: readonly [WatchId, Watch]): boolean => {
    const old = before.watches.get(id);
    if (old === undefined || before.health.get(server) !== 'down') return false;
    return before.anew.has(server) || !asksTheSame(old.check, check);
  };
  return new Set([...watches].filter(isAnew).map(([, { server }]) => server));
}

/** `forget` and `watch` for what differs, one batch a nanny. A nanny that is going is told nothing. */
function tellChanges(before: LvsState, now: LvsState): readonly LvsAction[] {
  const batches = new Map<number, NannyCommand[]>();
  const running: LvsAction[] = [];
  const tell = (nanny: number, command: NannyCommand): void => {
    if (now.nannies.get(nanny)?.restartAt === never) {
      batches.set(nanny, [...(batches.get(nanny) ?? []), command]);
    }
  };
  for (const [id, { nanny }] of before.watches) {
    if (!now.watches.has(id)) tell(nanny, { type: 'forget', watch: id });
  }
  for (const [id, watch] of now.watches) {
    const old = before.watches.get(id);
    if (old !== undefined && JSON.stringify(old.check) === JSON.stringify(watch.check)) continue;
    tell(watch.nanny, watchCommand(id, watch, now));
    const pid = now.nannies.get(watch.nanny)?.pid;
    if (old === undefined && pid !== undefined) running.push(monitorRuns(now, watch, pid));
  }
  return [
    ...running,
    ...[...batches].map(([nanny, commands]) => ({ type: 'command-nanny', nanny, commands }) as const),
  ];
}

const watchCommand = (id: WatchId, { server, check }: Watch, { health, anew }: LvsState): NannyCommand => ({
  type: 'watch',
  watch: id,
  check,
  known: anew.has(server) ? 'unknown' : (health.get(server) ?? 'unknown'),
});

const labelOf = ({ servers }: LvsState, server: ServerId): string => servers.get(server)?.label ?? server;

const monitorRuns = (state: LvsState, { server }: Watch, pid: number): LvsAction =>
  tellNews({ type: 'monitor-runs', server, label: labelOf(state, server), pid });

function watchesOf({ watches }: LvsState, nanny: number): readonly (readonly [WatchId, Watch])[] {
  const found: [WatchId, Watch][] = [];
  for (const each of watches) if (each[1].nanny === nanny) found.push(each);
  return found;
}

/** A nanny's process exists. */
export function onNannyStarted(state: LvsState, nanny: number, pid: number): Transition {
  const started = state.nannies.get(nanny);
  if (started === undefined) return stay(state);
  return go(
    { ...state, nannies: new Map(state.nannies).set(nanny, { ...started, pid }) },
    ...watchesOf(state, nanny).map(([, watch]) => monitorRuns(state, watch, pid)),
  );
}

/** A nanny has ended: as it was told to, or its servers keep their state until it is started again. */
export function onNannyEnded(
  before: LvsState,
  { nanny, how, at }: Extract<LvsEvent, { readonly type: 'nanny-ended' }>,
): Transition {
  const state = withoutTroubleOf(before, nanny);
  if (state.leaving.has(nanny)) {
    return stay({ ...state, leaving: new Set([...state.leaving].filter((each) => each !== nanny)) });
  }
  const dead = state.nannies.get(nanny);
  if (dead === undefined) return stay(state);
  const earlier = between(dead.startedAt, at) >= quietTime ? 0 : dead.failures;
  const wait = backoff(earlier, firstRestart, slowestRestart);
  const resting: Nanny = { ...dead, pid: undefined, restartAt: after(at, wait), failures: earlier + 1 };
  return go(
    { ...state, nannies: new Map(state.nannies).set(nanny, resting) },
    ...watchesOf(state, nanny).map(([, { server }]) =>
      tellNews({
        type: 'nanny-died',
        ...{ server, label: labelOf(state, server), restartIn: wait, kept: state.health.get(server) ?? 'unknown' },
        because: { type: 'ended', how },
      }),
    ),
  );
}

/** When the next dead nanny is started again. */
export const nextRestart = ({ nannies }: LvsState): Instant =>
  earliest(...[...nannies.values()].map((nanny) => nanny.restartAt));

/** Starts the dead nannies whose wait is over; they go on from the last verdicts. */
export function restartNannies(state: LvsState, at: Instant): Transition {
  const due = [...state.nannies].filter(([, nanny]) => nanny.restartAt <= at);
  if (due.length === 0) return stay(state);
  const nannies = new Map(state.nannies);
  for (const [nanny, dead] of due) nannies.set(nanny, { ...dead, ...unheard, startedAt: at, restartAt: never });
  return go(
    { ...state, nannies },
    ...due.flatMap(([nanny]): LvsAction[] => [
      { type: 'start-nanny', nanny, user: state.nannyUser },
      {
        type: 'command-nanny',
        nanny,
        commands: watchesOf(state, nanny).map(([id, watch]) => watchCommand(id, watch, state)),
      },
    ]),
  );
}
