// The rules of the pair with one of them left out: its schedule has to notice.
import type { Datagram, Trailer } from '@piranha/protocol';
import { allRules as pairRules } from '@piranha/pulse/step';
import { after, instant, milliseconds, never } from '@piranha/domain';
import type { PulseEvent, PulseState } from '@piranha/pulse/step';
import type { Rules } from './rules.ts';
import { wholeRules } from './rules.ts';

/** A rule that is missing, and the schedule that shows it. */
export type Removal = { readonly rule: string; readonly schedule: string; readonly rules: Rules };

const without = (name: string): Rules => ({
  ...wholeRules,
  pair: {
    ...pairRules,
    byThemselves: pairRules.byThemselves.filter((rule) => rule.name !== name),
    inConflict: pairRules.inConflict.filter((rule) => rule.name !== name),
  },
});

/** The election of the second choice comes after one keepalive. */
const hasty: Rules = {
  ...wholeRules,
  pair: {
    ...pairRules,
    byThemselves: pairRules.byThemselves.map((rule) =>
      rule.name === "E2'"
        ? {
            ...rule,
            from: (state: PulseState) => {
              const { inactiveSince } = state.partner;
              const due = rule.from(state);
              if (inactiveSince === undefined || due === never) return never;
              return after(inactiveSince, milliseconds(state.settings.keepalive));
            },
          }
        : rule,
    ),
  },
};

const afterEach = (change: (state: PulseState) => PulseState): Rules => ({ ...wholeRules, after: change });

/** Looks at each signed datagram otherwise. */
const reading = (change: (state: PulseState, datagram: Datagram & { type: 'pair' }) => Datagram): Rules => ({
  ...wholeRules,
  before: (state, event) => [state, rewrite(state, event, change)],
});

function rewrite(
  state: PulseState,
  event: PulseEvent,
  change: (state: PulseState, datagram: Datagram & { type: 'pair' }) => Datagram,
): PulseEvent {
  if (event.type !== 'datagram' || event.datagram.type !== 'pair') return event;
  return { ...event, datagram: change(state, event.datagram) };
}

const withTrailer = (datagram: Datagram & { type: 'pair' }, change: Partial<Trailer>): Datagram => ({
  ...datagram,
  trailer: { ...datagram.trailer, ...change },
});

const withReception =
  (change: Partial<PulseState['reception']>) =>
  (state: PulseState): PulseState => ({ ...state, reception: { ...state.reception, ...change } });

export const removals: readonly Removal[] = [
  { rule: 'C1', schedule: 'F2', rules: without('C1') },
  { rule: 'C2', schedule: 'F3 fitter', rules: without('C2') },
  { rule: 'C3', schedule: 'F1', rules: without('C3') },
  { rule: "E2' (two keepalives)", schedule: 'F16', rules: hasty },
  {
    rule: 'H3',
    schedule: 'F5 lost',
    rules: afterEach((state) => ({ ...state, own: { ...state.own, waitUntil: never } })),
  },
  { rule: 'T2', schedule: 'F9', rules: { ...wholeRules, noticesSleep: false } },
  {
    rule: 'T2 (silence from before a sleep)',
    schedule: 'F17',
    rules: afterEach((state) => {
      const awokeNow = state.unreadUntil === after(state.seenAt, milliseconds(state.settings.keepalive / 2));
      const deadAt = awokeNow ? after(state.seenAt, state.settings.deadtime) : state.partner.deadAt;
      return { ...state, partner: { ...state.partner, deadAt } };
    }),
  },
  { rule: 'T2 (orders from before a sleep)', schedule: 'F18', rules: { ...wholeRules, raisesInTime: false } },
  { rule: 'L1', schedule: 'F8', rules: { ...wholeRules, lifeline: false } },
  {
    rule: 'L1 (by its own reckoning)',
    schedule: 'F21',
    rules: { ...wholeRules, pair: { ...pairRules, endsClaim: false } },
  },
  { rule: 'L2 (an heir is told all that is said once)', schedule: 'F20', rules: { ...wholeRules, greetsFirst: false } },
  { rule: 'L1 (what is not sent is not said)', schedule: 'F22', rules: { ...wholeRules, knowsItIsMute: false } },
  {
    rule: 'F-lvs',
    schedule: 'F7',
    rules: afterEach((state) => ({ ...state, balancer: { ...state.balancer, brokenAt: undefined, breakdowns: 0 } })),
  },
  {
    rule: 'S1',
    schedule: 'F11 forged',
    rules: reading((_, datagram) => ({ ...datagram, signature: 'valid' })),
  },
  {
    rule: 'S2',
    schedule: 'F11 former',
    rules: { ...wholeRules, before: (state, event) => [withReception({ retired: new Set() })(state), event] },
  },
  {
    rule: 'S3',
    schedule: 'F11 restarted',
    rules: reading((state, datagram) => withTrailer(datagram, { echo: state.own.session })),
  },
  {
    rule: 'S4',
    schedule: 'F11 current',
    rules: reading((state, datagram) => withTrailer(datagram, { sequence: state.reception.newest + 1n })),
  },
  {
    rule: 'O0',
    schedule: 'F12',
    rules: {
      ...wholeRules,
      before: (state, event) => [
        event.type === 'datagram' && event.datagram.type === 'bare'
          ? withReception({ trailerAt: undefined })(state)
          : state,
        event,
      ],
    },
  },
  { rule: 'O4', schedule: 'F15', rules: without('O4') },
  { rule: 'O4 servers', schedule: 'F15 servers', rules: without('O4 servers') },
  {
    rule: 'O5',
    schedule: 'F15 nobody',
    rules: afterEach((state) => ({ ...state, own: { ...state.own, gaveAt: instant(-Infinity) } })),
  },
  {
    rule: 'R1 (letting go by the shorter deadtime)',
    schedule: 'F21 longer',
    rules: afterEach(({ unshared, ...state }): PulseState => ({
      ...state,
      unshared: unshared && { ...unshared, shortest: state.settings.deadtime },
    })),
  },
  {
    rule: 'R1 (taking over by the longer deadtime)',
    schedule: 'F21 shorter',
    rules: afterEach((state) => ({ ...state, settings: { ...state.settings, ...state.unshared?.file } })),
  },
  {
    rule: 'R2',
    schedule: 'F21 both',
    rules: reading((_, datagram) => withTrailer(datagram, { digest: 'of another file' })),
  },
  { rule: 'R3', schedule: 'F21 started', rules: { ...wholeRules, keepsTimers: false } },
];
