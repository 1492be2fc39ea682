// The answer to "how do things stand?", from what pulse knows, what `ip` shows and what lvs reports. Pure.
import type { LoadedConfiguration } from '@piranha/config';
import type { FloatingAddress, Instant, Outcome } from '@piranha/domain';
import { baseDevice, between, never } from '@piranha/domain';
import type { Interface, LvsReport, StatusAnswer } from '@piranha/protocol';
import { alarmOf, classReason } from './alarm.ts';
import { ownClass } from './fitness.ts';
import type { DatagramCounters } from '../hands/datagram-reader.ts';
import { lackedByPartner } from './notes.ts';
import type { PulseState } from '../state.ts';
import { wants } from './trailer.ts';
import type { Channel, ChannelName } from '../state-parts.ts';

/** What the answer is made of. */
export type Seen = {
  readonly at: Instant;
  readonly state: PulseState;
  readonly loaded: LoadedConfiguration;
  readonly version: string;
  readonly pid: number;
  readonly interfaces: Outcome<readonly Interface[], string>;
  readonly lvs: Outcome<LvsReport, string>;
  readonly dropped: DatagramCounters;
  /** Channels that have not begun yet. */
  readonly late: readonly Channel[];
  /** Channels whose socket filter could not be installed, and why. */
  readonly unguarded: ReadonlyMap<ChannelName, string>;
};

/** Whole milliseconds. */
const lengthMs = (start: Instant, end: Instant): number => Math.round(between(start, end));

/** The answer. */
export function statusOf({
  at,
  state,
  loaded,
  version,
  pid,
  interfaces,
  lvs,
  dropped,
  late,
  unguarded,
}: Seen): StatusAnswer {
  const { settings, phase, phaseSince, balancer, addressProblem } = state;
  const { restartAt } = balancer;
  return {
    type: 'status',
    version,
    pid,
    role: settings.role,
    state: phase.type,
    sinceMs: lengthMs(phaseSince, at),
    file: loaded.path,
    digest: settings.digest,
    pair: pairOf(state, at),
    partner: settings.hasPartner ? partnerOf(state, at, dropped) : null,
    troubles: [
      ...[...unguarded].map(([name, problem]) => `${unguardedText(name)}: ${problem}`),
      ...[...late.map(lateText), ...unsignedText(settings), ...secondKeyText(loaded)],
    ],
    addresses: addressesOf(state, interfaces),
    linksCount: settings.hasPartner && settings.monitorLinks,
    addressProblem: addressProblem ?? (interfaces.ok ? null : interfaces.error),
    balancer: {
      running: balancer.running,
      table: balancer.table,
      silentMs: balancer.running ? lengthMs(balancer.heardAt ?? balancer.startedAt, at) : null,
      restartInMs: balancer.running || restartAt === never ? null : Math.max(0, lengthMs(at, restartAt)),
    },
    lvs: lvs.ok ? lvs.value : null,
    lvsProblem: lvs.ok ? null : lvs.error,
  };
}

/** Whoever can send to this router may be taken for the partner. */
function unsignedText({ hasPartner, auth }: PulseState['settings']): readonly string[] {
  if (!hasPartner || auth === 'require') return [];
  const cure = 'see heartbeat_key_file and heartbeat_auth in lvs.cf(5)';
  return auth === 'off'
    ? [`heartbeats are not signed: whoever can send to this router can take the service away; ${cure}`]
    : [`unsigned heartbeats count, too (heartbeat_auth = accept); ${cure}`];
}

/** A change of keys that nobody has ended. */
const secondKeyText = ({ configuration }: Seen['loaded']): readonly string[] =>
  configuration.heartbeatSecondKeyFile === undefined
    ? []
    : ['two keys count: once both routers sign with the first one, remove heartbeat_second_key_file'];

const pairOf = (state: PulseState, at: Instant): StatusAnswer['pair'] => ({
  term: state.own.term,
  class: ownClass(state),
  classReason: classReason(state),
  living: state.own.living ?? null,
  held: state.own.held,
  wants: wants(state, at),
  kind: state.partner.kind,
  alarm: alarmOf(state, at) ?? null,
  connections: state.own.connections ?? null,
});

function partnerOf(state: PulseState, at: Instant, dropped: DatagramCounters): StatusAnswer['partner'] {
  const { partner, settings, reception } = state;
  const { said, heardAt, lastWords } = partner;
  return {
    said,
    ...wordsOf(state),
    connections: partner.connections ?? null,
    lacksOrders: lackedByPartner(state)?.slice() ?? null,
    refused: counted(summed(dropped, reception.refused)),
    heardAgoMs: heardAt === undefined ? null : lengthMs(heardAt, at),
    channels: settings.channels.map(({ name, partner: address }) => {
      const last = lastWords[name];
      return { name, address, said: last?.word ?? null, agoMs: last === undefined ? null : lengthMs(last.at, at) };
    }),
  };
}

type PartnerWords = Pick<
  NonNullable<StatusAnswer['partner']>,
  'term' | 'class' | 'living' | 'digest' | 'hearsUs' | 'authenticated'
>;

const noWords = { term: null, class: null, living: null, digest: null, hearsUs: null, authenticated: null };

function wordsOf({ partner, settings, reception }: PulseState): PartnerWords {
  const { trailer } = partner;
  if (trailer === undefined) return noWords;
  const { term, living, digest, hears } = trailer;
  const authenticated = settings.auth === 'off' ? null : reception.proved;
  return { term, class: trailer.class, living: living ?? null, digest, hearsUs: hears, authenticated };
}

/** Some are refused before the rules see them, and some by the rules, for the same reason. */
const summed = (one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>) =>
  Object.fromEntries(
    [...new Set([...Object.keys(one), ...Object.keys(other)])].map((key) => [key, (one[key] ?? 0) + (other[key] ?? 0)]),
  );

/** What never happened needs no line. */
const counted = (counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));

function linkUnder(interfaces: readonly Interface[], { device }: FloatingAddress): 'up' | 'down' | 'absent' {
  const found = interfaces.find(({ name }) => name === baseDevice(device));
  if (found === undefined) return 'absent';
  return found.running ? 'up' : 'down';
}

/** Wherever they are: the machine answers for them on every device but loopback, where a real server has them. */
function addressesOf({ settings, foreign }: PulseState, interfaces: Seen['interfaces']): StatusAnswer['addresses'] {
  return settings.addresses.map((floating) => {
    const { address, device } = floating;
    if (!interfaces.ok) return { address, device, up: null, on: [], foreign: null, link: null };
    const carriers = interfaces.value.filter(
      ({ loopback, addresses }) => loopback !== true && addresses.some((entry) => entry.address === address),
    );
    const isForeign = foreign.here.some((each) => each.address === address);
    const found = { up: carriers.length > 0, on: carriers.map(({ name }) => name), foreign: isForeign };
    return { address, device, ...found, link: linkUnder(interfaces.value, floating) };
  });
}

/** A channel whose heartbeat waits for its address, in words. */
export const lateText = ({ name, own }: Channel): string =>
  `no heartbeat on the ${name} network: this machine has not got ${own} yet`;

/** A socket that the kernel does not guard, in words. */
export const unguardedText = (name: ChannelName): string =>
  `cannot install the socket filter of the ${name} network: time to live and device of heartbeats are not checked`;
