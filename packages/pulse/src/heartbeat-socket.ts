// The heartbeat's sockets: one for each channel, bound to our own address (reference/pulse §2.1 to §2.3).
import type { IpAddress, Outcome, Port } from '@piranha/domain';
import { failure, familyOf, success } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { HeartbeatWord } from '@piranha/protocol';
import { decodeHeartbeat } from '@piranha/protocol';
import type { SocketAsPromised } from 'dgram-as-promised';
import { DgramAsPromised } from 'dgram-as-promised';
import type { Channel } from './settings.ts';
import type { ChannelName } from './state.ts';

/** The open sockets of all channels. */
export type HeartbeatSockets = {
  /** Sends to the partner on every channel; what can not be sent is lost, as the partner will notice. */
  readonly send: (datagram: Uint8Array) => void;
  /** From now on words of the partner come here; before that what arrives is dropped. */
  readonly listen: (onWord: OnWord) => void;
  readonly close: () => Promise<void>;
};

/** Takes a word of the partner and the channel that brought it. */
type OnWord = (word: HeartbeatWord, channel: ChannelName) => void;

/** What arrives, on which channel, and where from. */
type Received = { readonly bytes: Uint8Array; readonly channel: ChannelName; readonly from: string };

/** Room for a burst of strangers' datagrams in front of the partner's, in bytes. */
const receiveBuffer = 1024 * 1024;

/** Opens a socket for each channel; the error names the address that can not be bound, and why. */
export async function openHeartbeatSockets(
  channels: readonly Channel[],
  port: Port,
  log: Logger,
): Promise<Outcome<HeartbeatSockets, string>> {
  let onWord: OnWord = () => undefined;
  const receive = receiver(
    channels,
    (word, channel) => {
      onWord(word, channel);
    },
    log,
  );
  const open: { readonly socket: SocketAsPromised; readonly channel: Channel }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(open.map(({ socket }) => socket.close()));
  };
  for (const channel of channels) {
    const socket = DgramAsPromised.createSocket(familyOf(channel.own) === 4 ? 'udp4' : 'udp6', (bytes, { address }) => {
      receive({ bytes, channel: channel.name, from: address });
    });
    open.push({ socket, channel });
    try {
      await socket.bind(port, channel.own);
      socket.setRecvBufferSize(receiveBuffer);
    } catch (error) {
      await Promise.allSettled(open.map((each) => each.socket.close()));
      return failure(`failed to bind to heartbeat address ${channel.own} port ${port}: ${String(error)}`);
    }
    socket.socket.on('error', (error) => {
      log.warning('heartbeat socket', { channel: channel.name, problem: error.message });
    });
  }
  const sendOn = async (socket: SocketAsPromised, partner: IpAddress, datagram: Uint8Array): Promise<void> => {
    try {
      await socket.send(datagram, port, partner);
    } catch (error) {
      log.debug('heartbeat not sent', { to: partner, problem: String(error) });
    }
  };
  const send = (datagram: Uint8Array): void => {
    for (const { socket, channel } of open) void sendOn(socket, channel.partner, datagram);
  };
  const listen = (listener: OnWord): void => {
    onWord = listener;
  };
  return success({ send, listen, close });
}

/** Either of the partner's addresses is good on either socket; everything else is dropped. */
function receiver(channels: readonly Channel[], onWord: OnWord, log: Logger) {
  const partners = new Set<string>(channels.map((channel) => channel.partner));
  const told = new Set<string>();
  const once = (text: string, from: string): void => {
    if (told.has(text)) return;
    told.add(text);
    log.warning(text, { from });
  };
  return ({ bytes, channel, from }: Received): void => {
    if (!partners.has(from)) {
      log.debug(`Unexpected heartbeat from ${from}`);
      return;
    }
    const word = decodeHeartbeat(bytes);
    if (word === 'short') once('bad heartbeat packet', from);
    else if (word === 'incompatible')
      once('incompatible heartbeat: the other system does not use identical services', from);
    else onWord(word, channel);
  };
}
