// Under `require` whoever has no key changes nothing: a router that is attacked and one that is not stand alike, whatever
// comes, and when the partner dies both notice, at most a keepalive apart.
import { isDeepStrictEqual } from 'node:util';
import type { PulseAction, PulseState } from '@piranha/pulse/step';
import { makeAttack, showAttack } from './attack.ts';
import type { Attack } from './attack.ts';
import { fuzz, withoutParts } from './fuzz.ts';
import type { Target } from './fuzz.ts';
import { heartbeatOf } from './scenes.ts';
import { deadtime, keepalive, wiredRouter } from './wired-router.ts';
import type { WiredRouter } from './wired-router.ts';

/** Everything but counters, answers to sessions that are not accepted, and when each channel was last heard. */
function essenceOf({ own, partner, reception, notes, ...state }: PulseState) {
  return {
    ...{ phase: state.phase, phaseSince: state.phaseSince, conflict: state.conflict, since: state.since },
    ...{
      links: state.links,
      balancer: state.balancer,
      newcomers: state.newcomers,
      sync: state.sync,
      sendAt: state.sendAt,
    },
    own: { ...own, sequence: 0n },
    partner: { ...partner, lastWords: undefined, heardAt: undefined, deadAt: undefined },
    reception: { session: reception.session, proved: reception.proved, newest: reception.newest },
    notes: { session: notes.session, newest: notes.newest, theirs: notes.theirs, own: notes.own },
  };
}

const besides: ReadonlySet<PulseAction['type']> = new Set(['send', 'news', 'announce']);

/** Orders that others see. */
const ordersOf = (router: WiredRouter): readonly string[] =>
  router.actions().flatMap(({ type }) => (besides.has(type) ? [] : [type]));

const answersOf = (router: WiredRouter): number =>
  router.actions().filter((action) => action.type === 'send' && action.trailer.kind === 'answer').length;

const logLinesOf = (router: WiredRouter): number => router.actions().filter(({ type }) => type === 'news').length;

/** At most so many answers to sessions that have to prove themselves go out in a keepalive. */
const mostAnswers = 32;

function difference(one: object, other: object, where = ''): string | undefined {
  for (const [name, value] of Object.entries(one)) {
    const twin = (other as Record<string, unknown>)[name];
    if (isDeepStrictEqual(value, twin)) continue;
    const deeper = isObject(value) && isObject(twin) ? difference(value, twin, `${where}${name}.`) : undefined;
    return deeper ?? `${where}${name} is ${shown(value)}, not ${shown(twin)}`;
  }
  return undefined;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const shown = (value: unknown): string =>
  value === undefined
    ? 'nothing'
    : JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each));

/** Both hear the partner; one hears more. */
function judge({ scene, blows }: Attack): string | undefined {
  const [quiet, attacked] = [0, 1].map(() => wiredRouter(scene.standing, 'require', scene.obeyed)) as [
    WiredRouter,
    WiredRouter,
  ];
  const { partner, standing } = scene;
  let [at, sequence] = [standing.at + keepalive / 2, partner.sequence];
  let beatAt = standing.at + keepalive / 2 + 1;
  const passTo = (end: number): string | undefined => {
    for (; partner.says !== undefined && beatAt <= end; beatAt += keepalive) {
      sequence += 1n;
      for (const router of [quiet, attacked]) {
        router.passTo(beatAt);
        router.hear(heartbeatOf(partner, sequence), 'public');
      }
      const found = difference(essenceOf(attacked.state()), essenceOf(quiet.state()));
      if (found !== undefined) return `at ${beatAt - standing.at} ms ${found}`;
    }
    quiet.passTo(end);
    attacked.passTo(end);
    return undefined;
  };
  for (const { wait, channel, what } of blows) {
    at += wait;
    const found = passTo(at);
    if (found !== undefined) return found;
    const bytes = typeof what === 'number' ? heartbeatOf(partner, sequence - BigInt(what)) : what;
    // A heartbeat that the partner never sent cannot be recorded.
    if (typeof what === 'number' && sequence <= what) continue;
    attacked.hear(bytes, channel);
    const changed = difference(essenceOf(attacked.state()), essenceOf(quiet.state()));
    if (changed !== undefined) return `${showBytes(bytes)}: ${changed}`;
  }
  return afterwards(quiet, attacked, at, at - standing.at);
}

const showBytes = (bytes: Buffer): string => bytes.toString('hex');

/** The attack is over, and the partner falls silent. */
function afterwards(quiet: WiredRouter, attacked: WiredRouter, at: number, length: number): string | undefined {
  const later = attacked.state().partner.deadAt - quiet.state().partner.deadAt;
  if (later < 0 || later > keepalive) return `the partner is taken for dead ${later} ms later`;
  const answers = answersOf(attacked);
  if (answers > mostAnswers * (Math.ceil(length / keepalive) + 1)) return `${answers} answers in ${length} ms`;
  if (logLinesOf(attacked) > logLinesOf(quiet) + 4) return `${logLinesOf(attacked)} lines in the log`;
  for (const router of [quiet, attacked]) router.passTo(at + deadtime + 2 * keepalive);
  const orders = [ordersOf(attacked), ordersOf(quiet)].map((each) => each.filter((type) => !isRoutine(type)).join(' '));
  if (orders[0] !== orders[1]) return `ordered ${orders[0]}, and without the attack ${orders[1]}`;
  const phases = [attacked, quiet].map((router) => router.state().phase.type);
  return phases[0] === phases[1] ? undefined : `${phases[0]} in the end, and without the attack ${phases[1]}`;
}

/** How many of them there are depends on when the partner was taken for dead. */
const isRoutine = (type: string): boolean => type === 'tick-lvs' || type === 'raise-addresses' || type === 'send-note';

const target: Target<Attack> = {
  ...{ name: 'datagrams', make: makeAttack, judge, show: showAttack, mostMs: 500 },
  *smaller({ scene, blows }) {
    for (const fewer of withoutParts(blows)) yield { scene, blows: fewer };
  },
};

/** Attacks by chance. */
export const run = fuzz(target);
