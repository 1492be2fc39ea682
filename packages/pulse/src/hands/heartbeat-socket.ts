// The heartbeat's sockets: one for each channel, bound to our own address (docs/pair.md).
import type { Clock, Outcome, Port } from '@piranha/domain';
import { success } from '@piranha/domain';
import type { DatagramRules } from '@piranha/libc';
import type { Logger } from '@piranha/logging';
import type { Interface, Note, Trailer } from '@piranha/protocol';
import { encodeDatagram, encodeNote } from '@piranha/protocol';
import { inTurn } from '@piranha/runtime';
import type { SocketAsPromised } from 'dgram-as-promised';
import type { DatagramCounters, OnDatagram, OnMisplaced, OnNote, WhyPast } from './datagram-reader.ts';
import { datagramReader } from './datagram-reader.ts';
import { lateChannels } from './late-channels.ts';
import type { Receive, Way } from './open-sockets.ts';
import { closeAll, openWays } from './open-sockets.ts';
import type { Trust } from './socket-guard.ts';
import { keepGuard } from './socket-guard.ts';
import { unguardedText } from '../rules/status.ts';
import type { Channel, ChannelName } from '../state-parts.ts';

/** The sockets of all channels; none before `use`. */
export type HeartbeatSockets = {
  /**
   * Has exactly these channels from now on. Sockets that stay are not touched; one that cannot be opened changes
   * nothing, and the error names its address and the reason. A channel whose address this machine has not got begins
   * later, where another one can begin now.
   */
  readonly use: (channels: readonly Channel[], port: Port) => Promise<Outcome<undefined, string>>;
  /** Signs it, and sends it to the partner on every channel; tells whether the kernel has taken it on any of them. */
  readonly send: (trailer: Trailer) => Promise<boolean>;
  /** From now on datagrams of the partner come here, those aside that are of the past; before that what arrives is dropped. */
  readonly listen: (onDatagram: OnDatagram, whyPast: WhyPast) => void;
  /** Signs it, and sends it to the partner on one channel. */
  readonly sendNote: (note: Note, channel: ChannelName) => void;
  /** From now on notes of the partner come here. */
  readonly listenToNotes: (onNote: OnNote) => void;
  /** From now on datagrams with the partner's address that have come by a wrong way are told here. */
  readonly listenToMisplaced: (onMisplaced: OnMisplaced) => void;
  /** From now on this is asked of datagrams; that the partner is near is learnt anew. */
  readonly trust: (trust: Trust) => void;
  /** Whether the partner was believed and says that it sends with the full time to live: then it has to. */
  readonly nearOnly: (known: boolean) => void;
  /** The machine's interfaces are these now. */
  readonly look: (interfaces: readonly Interface[]) => void;
  /** What was dropped so far. */
  readonly counters: () => DatagramCounters;
  /** The channels that have not begun yet. */
  readonly late: () => readonly Channel[];
  /** The channels whose socket filter could not be installed, and why. */
  readonly unguarded: () => ReadonlyMap<ChannelName, string>;
  readonly close: () => Promise<void>;
};

/** Makes the sockets' keeper; nothing is open yet. */
export function heartbeatSockets(log: Logger, clock: Clock): HeartbeatSockets {
  let ways: readonly Way[] = [];
  let wanted: readonly Channel[] = [];
  const [late, oneByOne] = [lateChannels(log), inTurn()];
  const unguarded = new Map<ChannelName, string>();
  const guard = keepGuard(log, clock, () => {
    const channels = ways.map(({ channel }) => channel);
    for (const way of ways) tellRules(way, guard.rulesOf(way.channel, channels, way.port), unguarded, log);
  });
  const reader = datagramReader(log, clock, () => guard.keys());
  const receive: Receive = (place, bytes, from) => {
    guard.onArrival();
    const way = ways.find((each) => each.place === place);
    // Either of the partner's addresses is good on either socket; everything else is dropped.
    if (way === undefined || !ways.some(({ channel }) => channel.partner === from.address))
      reader.dropStranger(from.address);
    else if (from.port !== way.port) reader.misplaced('other-port');
    else reader.read(bytes, from.address, way.channel.name);
  };

  const use = (channels: readonly Channel[], port: Port, again = false): Promise<Outcome<undefined, string>> =>
    oneByOne(async () => {
      // A retry that had to wait for its turn may be about channels of the past.
      if (again && channels !== wanted) return success(undefined);
      const before = ways;
      const opened = await openWays(before, { channels, port, rulesOf: guard.rulesOf }, receive, log);
      if (!opened.ok) return opened;
      [ways, wanted] = [opened.value, channels];
      guard.renew();
      await closeAll(socketsOf(before).filter((socket) => !socketsOf(ways).includes(socket)));
      late.expect(absentOf(channels, ways), channels, () => use(channels, port, true));
      return success(undefined);
    });

  return {
    use: (channels, port) => use(channels, port),
    send: (trailer) => {
      guard.onTime();
      return sendOnAll(ways, encodeDatagram(trailer, guard.keys()[0]), log);
    },
    sendNote: (note, name) => {
      void sendOnAll(waysOn(ways, name), encodeNote(note, guard.keys()[0]), log);
    },
    ...{ listen: reader.listen, listenToNotes: reader.listenToNotes, listenToMisplaced: reader.listenToMisplaced },
    ...{ trust: guard.trust, nearOnly: guard.nearOnly, look: guard.look },
    ...{ counters: reader.counters, late: late.all, unguarded: () => unguarded },
    close: () => {
      late.close();
      const open = ways;
      ways = [];
      return closeAll(socketsOf(open));
    },
  };
}

const socketsOf = (ways: readonly Way[]): readonly SocketAsPromised[] => ways.map((way) => way.socket);

const waysOn = (ways: readonly Way[], name: ChannelName): readonly Way[] =>
  ways.filter(({ channel }) => channel.name === name);

const absentOf = (channels: readonly Channel[], ways: readonly Way[]): readonly Channel[] =>
  channels.filter((channel) => !ways.some((way) => way.channel === channel));

async function sendOnAll(ways: readonly Way[], datagram: Uint8Array, log: Logger): Promise<boolean> {
  const taken = await Promise.all(ways.map((way) => sendOn(way, datagram, log)));
  return taken.includes(true);
}

async function sendOn({ socket, port, channel }: Way, datagram: Uint8Array, log: Logger): Promise<boolean> {
  try {
    await socket.send(datagram, port, channel.partner);
    return true;
  } catch (error) {
    log.debug('heartbeat not sent', { to: channel.partner, problem: String(error) });
    return false;
  }
}

/** Without them strangers are judged here, or not at all: that is told once. */
function tellRules(
  { judgeBy, channel }: Way,
  rules: DatagramRules,
  unguarded: Map<ChannelName, string>,
  log: Logger,
): void {
  const told = judgeBy(rules);
  if (told.ok) unguarded.delete(channel.name);
  else if (unguarded.get(channel.name) !== told.error) {
    unguarded.set(channel.name, told.error);
    log.warning(unguardedText(channel.name), { problem: told.error });
  }
}
