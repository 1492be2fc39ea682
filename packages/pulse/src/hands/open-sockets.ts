// Opens the sockets of channels, and closes them.
import type { IpAddress, Outcome, Port } from '@piranha/domain';
import { endpoint, failure, familyOf, success } from '@piranha/domain';
import type { DatagramRules, NoUdpSocket, UdpSocket } from '@piranha/libc';
import { openUdpSocket } from '@piranha/libc';
import type { Logger } from '@piranha/logging';
import type { SocketAsPromised } from 'dgram-as-promised';
import { DgramAsPromised } from 'dgram-as-promised';
import { fullTtl } from '../rules/neighbours.ts';
import type { Channel } from '../state-parts.ts';

/** A channel and where it is bound on this machine. */
type Place = { readonly channel: Channel; readonly place: string; readonly port: Port };

/** A socket, and how the kernel is told its rules. */
type OpenSocket = { readonly socket: SocketAsPromised; readonly judgeBy: UdpSocket['judgeBy'] };

/** A channel with its open socket. */
export type Way = Place & OpenSocket;

/** Takes what has arrived at one of our places. */
export type Receive = (place: string, bytes: Uint8Array, from: Sender) => void;
type Sender = { readonly address: string; readonly port: number };

/** Room for a burst of strangers' datagrams in front of the partner's, in bytes. */
const receiveBuffer = 1024 * 1024;

/** Channels to be open, and what the kernel is told of the socket of each. */
export type Wanted = {
  readonly channels: readonly Channel[];
  readonly port: Port;
  readonly rulesOf: (channel: Channel, channels: readonly Channel[], port: Port) => DatagramRules;
};

/** The ways of these channels; those whose address is not there are left out, where another one can be opened. */
export async function openWays(
  before: readonly Way[],
  { channels, port, rulesOf }: Wanted,
  receive: Receive,
  log: Logger,
): Promise<Outcome<readonly Way[], string>> {
  const wanted = channels.map((channel): Place => ({ channel, port, place: endpoint(channel.own, port) }));
  const missing = wanted.filter((each) => !before.some((way) => way.place === each.place));
  const rules = (channel: Channel) => rulesOf(channel, channels, port);
  const opened = await openAll(missing, missing.length === wanted.length, { receive, rules, log });
  return opened.ok ? success(wanted.flatMap((each) => wayOf(each, opened.value, before))) : opened;
}

/** With the socket that was opened for it, or else the one that it had. */
function wayOf(wanted: Place, opened: ReadonlyMap<string, OpenSocket>, before: readonly Way[]): readonly Way[] {
  const open = opened.get(wanted.place) ?? before.find((way) => way.place === wanted.place);
  return open === undefined ? [] : [{ ...wanted, socket: open.socket, judgeBy: open.judgeBy }];
}

type Around = {
  readonly receive: Receive;
  readonly rules: (channel: Channel) => DatagramRules;
  readonly log: Logger;
};

/** All or none, but for those whose address is not there while another one can be opened, or `all` are not missing. */
async function openAll(
  missing: readonly Place[],
  all: boolean,
  { receive, rules, log }: Around,
): Promise<Outcome<ReadonlyMap<string, OpenSocket>, string>> {
  const opened = new Map<string, OpenSocket>();
  let firstAbsent: string | undefined;
  for (const { channel, place, port } of missing) {
    const open = await openSocket({ own: channel.own, port, rules: rules(channel) }, (bytes, from) => {
      receive(place, bytes, from);
    });
    if (!open.ok) {
      firstAbsent ??= open.error.absent ? open.error.text : undefined;
      if (open.error.absent) continue;
      await closeAll([...opened.values()].map(({ socket }) => socket));
      return failure(open.error.text);
    }
    open.value.socket.socket.on('error', (error) => {
      log.warning('heartbeat socket', { channel: channel.name, problem: error.message });
    });
    opened.set(place, open.value);
  }
  return all && opened.size === 0 && firstAbsent !== undefined ? failure(firstAbsent) : success(opened);
}

type End = { readonly own: IpAddress; readonly port: Port; readonly rules: DatagramRules };

async function openSocket(
  { own, port, rules }: End,
  onDatagram: (bytes: Uint8Array, from: Sender) => void,
): Promise<Outcome<OpenSocket, NoUdpSocket>> {
  const inVain = (problem: string, absent = false) =>
    failure({ text: `failed to bind to heartbeat address ${own} port ${port}: ${problem}`, absent });
  const opened = openUdpSocket({ address: own, port, ttl: fullTtl }, rules);
  if (!opened.ok) return inVain(opened.error.text, opened.error.absent);
  const { fd, judgeBy } = opened.value;
  const socket = DgramAsPromised.createSocket(familyOf(own) === 4 ? 'udp4' : 'udp6', onDatagram);
  try {
    await socket.bind({ fd });
    socket.setRecvBufferSize(receiveBuffer);
    return success({ socket, judgeBy });
  } catch (error) {
    await closeAll([socket]);
    return inVain(String(error));
  }
}

/** One that does not close is left to the end of the process. */
export const closeAll = async (sockets: readonly SocketAsPromised[]): Promise<void> => {
  await Promise.allSettled(sockets.map((socket) => socket.close()));
};
