// send_arp as pulse keeps it running: it announces and asks what standard input says, until that ends.
import type { Readable } from 'node:stream';
import { broadcastMac, failure, success } from '@piranha/domain';
import type { IpAddress, Millis, Outcome } from '@piranha/domain';
import type { PacketSocket } from '@piranha/libc';
import type { SendArpCommand } from '@piranha/protocol';
import { decodeSendArpCommand, encodeLine, noLine, splitLines } from '@piranha/protocol';
import type { AddressesHere } from '../hands/addresses-here.ts';
import type { Forwards } from './by-family.ts';
import { announcementFrames } from './by-family.ts';
import { isDeviceName } from './device.ts';
import type { Probes } from './probes.ts';
import { makeProbes } from './probes.ts';

/** What obeying needs. */
export type Obedience = {
  readonly socket: PacketSocket;
  readonly pause: (length: Millis) => Promise<void>;
  readonly forwards: Forwards;
  /** What the kernel shows now. */
  readonly addressesHere: () => Outcome<AddressesHere, string>;
  /** The machine's monotonic clock, in ms. */
  readonly now: () => number;
  /** Writes on standard output. */
  readonly tell: (line: string) => void;
  /** Says one problem. */
  readonly complain: (problem: string) => void;
};

/** No command is nearly as long, in characters. */
const longestCommand = 4096;

/** Obeys until the input ends. Whatever goes wrong is said, and the next command is obeyed all the same. */
export async function obey(input: Readable, world: Obedience): Promise<void> {
  const { complain } = world;
  rehearse();
  const hands = handsOf(world);
  let rest = noLine;
  input.setEncoding('utf8');
  for await (const chunk of input as AsyncIterable<string>) {
    const split = splitLines(rest, chunk, longestCommand);
    rest = split.rest;
    if (split.dropped > 0)
      complain(`longer than ${longestCommand} characters and left out: ${split.dropped} command(s)`);
    hands.perform(split.lines);
  }
  if (rest.overlong || rest.text !== '') complain('the last command has no line end; it was left out');
  await hands.close();
}

/** Does what has come in together: so many lines take a few ms, and the kernel is asked once for all of them. */
function handsOf(world: Obedience) {
  const { complain, tell } = world;
  const probes = probesOf(world);
  const announce = announcerOf(world);

  const performOne = (command: SendArpCommand, here: () => AddressesHere): boolean => {
    if (!isDeviceName(command.device)) {
      complain(`${JSON.stringify(command.device)} is not the name of a network device`);
      return true;
    }
    switch (command.type) {
      case 'probe':
        probes.ask(command);
        return true;
      case 'forget':
        probes.forget(command);
        return true;
      case 'announce':
        return announce(command, here);
    }
  };

  const look = lookerOf(world);
  const perform = (lines: readonly string[]): void => {
    let seen: AddressesHere | undefined;
    const here = (): AddressesHere => (seen ??= look());
    let late = 0;
    for (const line of lines) {
      const command = decodeSendArpCommand(line);
      if (!command.ok) complain(`unknown command: ${command.error}`);
      else if (!performOne(command.value, here)) late += 1;
    }
    if (late > 0) tell(encodeLine({ type: 'late', count: late }));
  };
  return { perform, close: probes.close };
}

/** Where the kernel cannot be asked nothing is known to be up, and so nothing is announced; pulse orders it again. */
function lookerOf({ addressesHere, complain }: Obedience): () => AddressesHere {
  let told = false;
  return () => {
    const here = addressesHere();
    if (!here.ok && !told) complain(`nothing is announced: which addresses are up cannot be read: ${here.error}`);
    told = !here.ok;
    return here.ok ? here.value : new Map();
  };
}

const probesOf = ({ socket, pause, tell, complain }: Obedience): Probes =>
  makeProbes({
    ...{ socket, pause, complain },
    onTaken: (device, claim) => {
      tell(encodeLine({ type: 'taken', device, ...claim }));
    },
  });

/** Goes once through everything but the sending, so that the first address does not wait for code to be compiled. */
function rehearse(): void {
  const socket: PacketSocket = {
    send: () => success(undefined),
    listen: () => failure('nothing is heard'),
    close: () => undefined,
  };
  const addresses = ['192.0.2.1', '2001:db8::1'] as IpAddress[];
  const hands = handsOf({
    ...{ socket, pause: () => Promise.resolve(), forwards: () => false, now: () => 0 },
    ...{
      addressesHere: () => success(new Map([['lo', new Set(addresses)]])),
      tell: () => undefined,
      complain: () => undefined,
    },
  });
  for (const address of addresses) {
    for (const type of ['probe', 'announce']) {
      hands.perform([JSON.stringify({ type, device: 'lo', address, mac: '020000000000' })]);
    }
  }
}

type Announce = Extract<SendArpCommand, { type: 'announce' }>;

/**
 * Announces; false where the order came too late. What this machine has not got is never announced, whoever asks for it:
 * neighbours would send to where nobody answers, and the true owner may never say again where it is.
 */
function announcerOf({ socket, forwards, complain, now }: Obedience) {
  /** Of which it was said that they are not up, so that it is said once. */
  const absent = new Set<string>();

  const isHere = ({ device, address }: Announce, addresses: ReadonlySet<IpAddress>): boolean => {
    const place = `${address} ${device}`;
    if (addresses.has(address)) absent.delete(place);
    else if (!absent.has(place)) {
      absent.add(place);
      complain(`${address} is not announced on ${device}: it is not up there`);
    }
    return addresses.has(address);
  };

  return (order: Announce, here: () => AddressesHere): boolean => {
    const { device, address, mac, until = Infinity } = order;
    if (now() >= until) return false;
    const addresses = here().get(device);
    if (addresses === undefined || !isHere(order, addresses)) return true;
    const manner = { device, destination: broadcastMac, both: true };
    for (const frame of announcementFrames({ address, mac }, manner, forwards)) {
      const sent = socket.send(device, frame);
      if (sent.ok) continue;
      complain(`${address} is not announced on ${device}: ${sent.error}`);
      break;
    }
    return true;
  };
}
