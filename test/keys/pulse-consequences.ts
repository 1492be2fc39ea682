// What a file makes pulse do, seen from its settings and its steps.
import type { LoadedConfiguration } from '@piranha/config';
import type { Instant } from '@piranha/domain';
import { instant } from '@piranha/domain';
import type { Trailer } from '@piranha/protocol';
import { channelsOf, pulseSettings } from '@piranha/pulse/settings';
import * as pulse from '@piranha/pulse/step';

/** When a backup that hears nothing sends, and when it takes over: seconds after its start. */
function pulseAlone(loaded: LoadedConfiguration) {
  let state = pulse.initialState(pulseSettings(loaded, 'backup'), 1n);
  let now: Instant = instant(0);
  const [sent, tookOver]: [number[], number[]] = [[], []];
  const give = (event: Parameters<typeof pulse.step>[1]): void => {
    const next = pulse.step(state, event);
    state = next.state;
    for (const action of next.actions) {
      if (action.type === 'send') sent.push(now / 1000);
      if (action.type === 'tick-lvs' && action.role === 'active' && tookOver.length === 0) tookOver.push(now / 1000);
    }
  };
  give({ type: 'started', at: now, force: false, adopted: undefined, timers: undefined });
  while (pulse.nextDeadline(state) <= 20_000) {
    now = pulse.nextDeadline(state);
    give({ type: 'clock', at: now });
  }
  return { sent, tookOver };
}
export const firstSent = (loaded: LoadedConfiguration): unknown => pulseAlone(loaded).sent.slice(0, 3);
export const tookOver = (loaded: LoadedConfiguration): unknown => pulseAlone(loaded).tookOver;

export const settingOf =
  (name: keyof ReturnType<typeof pulseSettings>) =>
  (loaded: LoadedConfiguration): unknown =>
    pulseSettings(loaded, 'primary')[name];

/** What a primary says while its partner is active and all is well, until it asks for the service: seconds. */
export function asksAfter(loaded: LoadedConfiguration): number | undefined {
  let state = pulse.initialState(pulseSettings(loaded, 'primary'), 1n);
  const said = { ...partnerWords, active: true, digest: loaded.digest };
  for (let second = 0; second <= 20; second += 1) {
    const at = instant(1000 * second);
    const event: pulse.PulseEvent =
      second === 0
        ? { type: 'started', at, force: false, adopted: undefined, timers: undefined }
        : {
            ...{ type: 'datagram', at, channel: 'public' },
            datagram: { type: 'pair', trailer: { ...said, sequence: BigInt(second) }, signature: 'unchecked' },
          };
    for (let next = pulse.nextDeadline(state); next < at; next = pulse.nextDeadline(state)) {
      state = pulse.step(state, { type: 'clock', at: next }).state;
    }
    const stepped = pulse.step(state, event);
    state = stepped.state;
    if (stepped.actions.some((action) => action.type === 'send' && action.trailer.want)) return second;
  }
  return undefined;
}

const partnerWords: Trailer = {
  ...{ kind: 'heartbeat', active: false, hears: true, leaving: false, given: false, want: false, held: false },
  ...{ class: 2, living: undefined, term: 4, session: 5n, echo: 1n, sequence: 0n, digest: '' },
};

/** What a router says of itself once its public link was read as down twice. */
export function classWithoutLink(loaded: LoadedConfiguration): number | undefined {
  const links = { public: 'down', private: undefined, carriers: [] } as const;
  const events: readonly pulse.PulseEvent[] = [
    { type: 'started', at: instant(0), force: false, adopted: undefined, timers: undefined },
    ...[1, 2].map((ms) => ({ type: 'links', at: instant(ms), links }) as const),
    { type: 'clock', at: instant(2000) },
  ];
  let state = pulse.initialState(pulseSettings(loaded, 'primary'), 1n);
  const classes: number[] = [];
  for (const event of events) {
    const next = pulse.step(state, event);
    state = next.state;
    classes.push(...next.actions.flatMap((action) => (action.type === 'send' ? [action.trailer.class] : [])));
  }
  return classes.at(-1);
}

export const channels = ({ configuration }: LoadedConfiguration): unknown =>
  channelsOf(configuration, 'primary').map(({ name, own, partner }) => `${name} ${own} ${partner}`);
export const floating = (loaded: LoadedConfiguration): unknown =>
  pulseSettings(loaded, 'primary').addresses.map(
    ({ address, device, prefix }) => `${address} ${device} ${prefix ?? ''}`,
  );
