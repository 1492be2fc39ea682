// send_arp as pulse keeps it running: it announces and asks what standard input says, until that ends.
import type { Readable } from 'node:stream';
import { broadcastMac, failure, success } from '@piranha/domain';
import type { Millis } from '@piranha/domain';
import type { PacketSocket } from '@piranha/libc';
import type { SendArpCommand } from '@piranha/protocol';
import { decodeSendArpCommand, encodeLine, noLine, splitLines } from '@piranha/protocol';
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
  const probes = probesOf(world);
  let rest = noLine;
  input.setEncoding('utf8');
  for await (const chunk of input as AsyncIterable<string>) {
    const split = splitLines(rest, chunk, longestCommand);
    rest = split.rest;
    if (split.dropped > 0)
      complain(`longer than ${longestCommand} characters and left out: ${split.dropped} command(s)`);
    for (const line of split.lines) {
      const command = decodeSendArpCommand(line);
      if (command.ok) perform(command.value, world, probes);
      else complain(`unknown command: ${command.error}`);
    }
  }
  if (rest.overlong || rest.text !== '') complain('the last command has no line end; it was left out');
  await probes.close();
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
  const silent: Obedience = {
    ...{ socket, pause: () => Promise.resolve(), forwards: () => false },
    ...{ tell: () => undefined, complain: () => undefined },
  };
  for (const address of ['192.0.2.1', '2001:db8::1']) {
    for (const type of ['probe', 'announce']) {
      const command = decodeSendArpCommand(JSON.stringify({ type, device: 'lo', address, mac: '020000000000' }));
      if (command.ok) perform(command.value, silent, probesOf(silent));
    }
  }
}

function perform({ type, device, address, mac }: SendArpCommand, world: Obedience, probes: Probes): void {
  const { socket, forwards, complain } = world;
  if (!isDeviceName(device)) {
    complain(`${JSON.stringify(device)} is not the name of a network device`);
    return;
  }
  if (type === 'probe') {
    probes.ask({ device, address, mac });
    return;
  }
  const manner = { device, destination: broadcastMac, both: true };
  for (const frame of announcementFrames({ address, mac }, manner, forwards)) {
    const sent = socket.send(device, frame);
    if (sent.ok) continue;
    complain(`${address} is not announced on ${device}: ${sent.error}`);
    return;
  }
}
