// Which daemons run on this machine: each holds a name in the kernel that says its pid (abstract sockets, unix(7)). The
// name is no file, so nobody can delete it, and it goes with its process. The init script reads it in /proc/net/unix.
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Millis, Outcome } from '@piranha/domain';
import { failure, milliseconds, seconds, success } from '@piranha/domain';
import type { ProcessIdentity } from './process-identity.ts';
import { identify, socketHolder, unixSockets } from './process-identity.ts';

/** A program that shows itself, and the name of its processes. */
export type Shown = { readonly program: string; readonly processName: string };

export const shownPulse: Shown = { program: 'pulse', processName: 'pulse' };
export const shownLvs: Shown = { program: 'lvs', processName: 'lvsd' };

/** A name that is held. */
export type Beacon = { readonly close: () => void };

const prefixOf = ({ program }: Shown): string => `piranha-${program}/`;

/** Shows this process from now on; whoever connects is cut off. */
export function showBeacon(shown: Shown): Promise<Outcome<Beacon, string>> {
  const server = createServer((socket) => socket.destroy()).unref();
  return new Promise((resolve) => {
    server.once('error', (error) => {
      resolve(failure(error.message));
    });
    server.listen(`\0${prefixOf(shown)}${process.pid}`, () => {
      server.on('error', () => undefined);
      resolve(success({ close: () => void server.close() }));
    });
  });
}

/** The other processes of this program. Anybody can take a name: only a process that is called so and holds it counts. */
export function othersShown(shown: Shown): readonly ProcessIdentity[] {
  const start = `@${prefixOf(shown)}`;
  return unixSockets().flatMap(({ path, file }) => {
    // Some releases of Node fill the name up with zeros, which the kernel shows as @.
    const pid = path.startsWith(start) ? Number(path.slice(start.length).replace(/@+$/, '')) : NaN;
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    return socketHolder(file, shown.processName, pid) ?? [];
  });
}

const usualPatience = seconds(2);
const pollEvery = milliseconds(50);

/**
 * Waits until this process is the only one that shows itself; the error says who else is. Of two that start at the same
 * moment the younger gives way, and the older waits for that.
 */
export async function untilAlone(shown: Shown, patience: Millis = usualPatience): Promise<Outcome<void, string>> {
  const own = identify(process.pid);
  for (let waited = 0; ; waited += pollEvery) {
    const [other] = othersShown(shown);
    if (other === undefined) return success(undefined);
    if (own === undefined || !isYounger(other, own) || waited >= patience) {
      return failure(`another ${shown.program} is running: pid ${other.pid}`);
    }
    await sleep(pollEvery);
  }
}

function isYounger(one: ProcessIdentity, other: ProcessIdentity): boolean {
  const [a, b] = [Number(one.startedAt), Number(other.startedAt)];
  return a === b ? one.pid > other.pid : a > b;
}
