// send_arp: checks what it is asked for, then opens the socket, then sends.
import type { Readable } from 'node:stream';
import type { Millis, Outcome } from '@piranha/domain';
import { seconds } from '@piranha/domain';
import type { PacketSocket } from '@piranha/libc';
import { visible } from '@piranha/domain';
import type { AddressesHere } from './hands/addresses-here.ts';
import type { Announcement, LookUp } from './rules/announcement.ts';
import { readAnnouncement } from './rules/announcement.ts';
import type { Forwards } from './rules/by-family.ts';
import { announcementFrames } from './rules/by-family.ts';
import { obey } from './rules/obey.ts';
import type { Options, Terminal } from './hands/options.ts';
import { readOptions } from './hands/options.ts';

/** What send_arp needs of the world. */
export type World = Terminal & {
  readonly version: string;
  readonly openSocket: () => Outcome<PacketSocket, string>;
  readonly lookUp: LookUp;
  readonly forwards: Forwards;
  readonly addressesHere: () => Outcome<AddressesHere, string>;
  /** The machine's monotonic clock, in ms. */
  readonly now: () => number;
  readonly pause: (length: Millis) => Promise<void>;
  readonly input: () => Readable;
};

const sentStatus = 0;
const failedStatus = 1;

/** Does what the arguments say; gives the exit status. */
export async function run(args: readonly string[], world: World): Promise<number> {
  const options = readOptions(args, world.version, world);
  if (!options.ok) return options.error;
  if (options.value.type === 'commands') {
    return withSocket(world, async (socket) => {
      await obey(world.input(), {
        ...{ socket, pause: world.pause, forwards: world.forwards },
        ...{ addressesHere: world.addressesHere, now: world.now },
        tell: world.out,
        complain: (problem) => {
          complain(world, problem);
        },
      });
      return sentStatus;
    });
  }
  const order = options.value;
  const announcement = await readAnnouncement(order.words, world.lookUp);
  if (!announcement.ok) return complain(world, announcement.error);
  return withSocket(world, async (socket) => announce(order, announcement.value, socket, world));
}

async function withSocket(world: World, use: (socket: PacketSocket) => Promise<number>): Promise<number> {
  const socket = world.openSocket();
  if (!socket.ok) return complain(world, `socket: ${socket.error}`);
  try {
    return await use(socket.value);
  } finally {
    socket.value.close();
  }
}

/** The first failure ends it: whoever waits for the announcements wants to know at once. */
async function announce(
  { device, count, both }: Extract<Options, { type: 'announce' }>,
  { binding, destination }: Announcement,
  socket: PacketSocket,
  world: World,
): Promise<number> {
  const frames = announcementFrames(binding, { device, destination, both }, world.forwards);
  for (let round = 1; round <= count; round += 1) {
    for (const frame of frames) {
      const sent = socket.send(device, frame);
      if (!sent.ok) return complain(world, `${device}: ${sent.error}`);
    }
    if (round < count) await world.pause(seconds(1));
  }
  return sentStatus;
}

/** One line on standard error; gives the exit status that goes with it. */
function complain({ err }: Terminal, problem: string): number {
  err(`send_arp: ${visible(problem)}\n`);
  return failedStatus;
}
