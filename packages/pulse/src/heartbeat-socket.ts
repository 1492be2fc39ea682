// The heartbeat's sockets: one for each channel, bound to our own address (reference/pulse §2.1 to §2.3).
import type { IpAddress, Outcome, Port } from '@piranha/domain';
import { endpoint, failure, familyOf, success } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { HeartbeatWord } from '@piranha/protocol';
import { decodeHeartbeat } from '@piranha/protocol';
import type { SocketAsPromised } from 'dgram-as-promised';
import { DgramAsPromised } from 'dgram-as-promised';
import type { Channel, ChannelName } from './state.ts';

/** The sockets of all channels; none before `use`. */
export type HeartbeatSockets = {
  /**
   * Has exactly these channels from now on. Sockets that stay are not touched; one that can not be opened changes
   * nothing, and the error names its address and the reason.
   */
  readonly use: (channels: readonly Channel[], port: Port) => Promise<Outcome<undefined, string>>;
  /** Sends to the partner on every channel; what can not be sent is lost, as the partner will notice. */
  readonly send: (datagram: Uint8Array) => void;
  /** From now on words of the partner come here; before that what arrives is dropped. */
  readonly listen: (onWord: OnWord) => void;
  readonly close: () => Promise<void>;
};

/** Takes a word of the partner and the channel that brought it. */
type OnWord = (word: HeartbeatWord, channel: ChannelName) => void;

/** A channel and where it is bound on this machine. */
type Place = { readonly channel: Channel; readonly place: string; readonly port: Port };

/** A channel with its open socket. */
type Way = Place & { readonly socket: SocketAsPromised };

/** Takes what has arrived at one of our places. */
type Receive = (place: string, bytes: Uint8Array, from: string) => void;

/** Room for a burst of strangers' datagrams in front of the partner's, in bytes. */
const receiveBuffer = 1024 * 1024;

/** Makes the sockets' keeper; nothing is open yet. */
export function heartbeatSockets(log: Logger): HeartbeatSockets {
  let ways: readonly Way[] = [];
  let onWord: OnWord = () => undefined;
  const once = complainer(log);
  const receive: Receive = (place, bytes, from) => {
    const way = ways.find((each) => each.place === place);
    // Either of the partner's addresses is good on either socket; everything else is dropped.
    if (way === undefined || !ways.some(({ channel }) => channel.partner === from)) {
      log.debug(`Unexpected heartbeat from ${from}`);
      return;
    }
    const word = decodeHeartbeat(bytes);
    if (word === 'short') once('bad heartbeat packet', from);
    else if (word === 'incompatible')
      once('incompatible heartbeat: the other system does not use identical services', from);
    else onWord(word, way.channel.name);
  };

  const use = async (channels: readonly Channel[], port: Port): Promise<Outcome<undefined, string>> => {
    const wanted = channels.map((channel): Place => ({ channel, port, place: endpoint(channel.own, port) }));
    const missing = wanted.filter((each) => !ways.some((way) => way.place === each.place));
    const opened = await openAll(missing, receive, log);
    if (!opened.ok) return opened;
    const before = ways;
    ways = wanted.flatMap((each) => {
      const socket = opened.value.get(each.place) ?? before.find((way) => way.place === each.place)?.socket;
      return socket === undefined ? [] : [{ ...each, socket }];
    });
    await closeAll(before.map((way) => way.socket).filter((socket) => !ways.some((way) => way.socket === socket)));
    return success(undefined);
  };

  const sendOn = async ({ socket, port, channel }: Way, datagram: Uint8Array): Promise<void> => {
    try {
      await socket.send(datagram, port, channel.partner);
    } catch (error) {
      log.debug('heartbeat not sent', { to: channel.partner, problem: String(error) });
    }
  };
  return {
    use,
    send: (datagram) => {
      for (const way of ways) void sendOn(way, datagram);
    },
    listen: (listener) => {
      onWord = listener;
    },
    close: () => closeAll(ways.map((way) => way.socket)),
  };
}

/** All or none. */
async function openAll(
  missing: readonly Place[],
  receive: Receive,
  log: Logger,
): Promise<Outcome<ReadonlyMap<string, SocketAsPromised>, string>> {
  const opened = new Map<string, SocketAsPromised>();
  for (const { channel, place, port } of missing) {
    const socket = await openSocket(channel.own, port, (bytes, from) => {
      receive(place, bytes, from);
    });
    if (!socket.ok) {
      await closeAll([...opened.values()]);
      return socket;
    }
    socket.value.socket.on('error', (error) => {
      log.warning('heartbeat socket', { channel: channel.name, problem: error.message });
    });
    opened.set(place, socket.value);
  }
  return success(opened);
}

async function openSocket(
  own: IpAddress,
  port: Port,
  onDatagram: (bytes: Uint8Array, from: string) => void,
): Promise<Outcome<SocketAsPromised, string>> {
  const socket = DgramAsPromised.createSocket(familyOf(own) === 4 ? 'udp4' : 'udp6', (bytes, { address }) => {
    onDatagram(bytes, address);
  });
  try {
    await socket.bind(port, own);
    socket.setRecvBufferSize(receiveBuffer);
    return success(socket);
  } catch (error) {
    await closeAll([socket]);
    return failure(`failed to bind to heartbeat address ${own} port ${port}: ${String(error)}`);
  }
}

/** One that does not close is left to the end of the process. */
const closeAll = async (sockets: readonly SocketAsPromised[]): Promise<void> => {
  await Promise.allSettled(sockets.map((socket) => socket.close()));
};

/** Says each thing once: a stranger must not fill the log. */
function complainer(log: Logger): (text: string, from: string) => void {
  const told = new Set<string>();
  return (text, from) => {
    if (told.has(text)) return;
    told.add(text);
    log.warning(text, { from });
  };
}
