// Looks at a router that start no process on it: where many looks are taken, they must not cost what they look at.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Host } from './host.ts';
import { vip } from './lab.ts';

/** What the kernel tells of a host's network; nothing of a host that is switched off. */
function networkFile({ pid }: Host, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/net/${file}`, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EINVAL')) return '';
    throw error;
  }
}

/** Whether the virtual address stands on this router. */
export const ownsVip = (router: Host): boolean => networkFile(router, 'fib_trie').includes(`|-- ${vip}\n`);

/** How many real servers are in the table with a weight; one of several services counts once. */
export function livingServers(router: Host): number {
  const entries = networkFile(router, 'ip_vs').matchAll(/^ {2}-> (\S+:[0-9A-F]{4}) +\S+ +[1-9]/gm);
  return new Set([...entries].map(([, server]) => server)).size;
}

/** What `lvsctl status --json` prints; undefined where nobody answers. */
export async function statusOf<T>({ pid }: Host): Promise<T | undefined> {
  const socket = connect(`/proc/${pid}/root/run/piranha/pulse.sock`);
  socket.setTimeout(3000, () => socket.destroy(new Error('no answer')));
  try {
    await once(socket, 'connect');
    socket.end('{"type":"status"}\n');
    return JSON.parse(await text(socket)) as T;
  } catch {
    return undefined;
  }
}
