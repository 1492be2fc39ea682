// Looks at a router that start no process on it: where many looks are taken, they must not cost what they look at.
import { readFileSync } from 'node:fs';
import { seconds } from '@piranha/domain';
import { askControlSocket } from '@piranha/runtime/sockets';
import type { Host } from './host.ts';
import { vip } from './lab.ts';

/** What the kernel tells of a host's network; nothing of a host that is switched off. */
const networkFile = ({ pid }: Host, file: string): string => readOrNothing(`/proc/${pid}/net/${file}`);

/** The kernel's table, or that of the stand-in where the kernel has none. */
const tableFile = (router: Host): string =>
  networkFile(router, 'ip_vs') || readOrNothing(`/proc/${router.pid}/root/run/ip_vs`);

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'EINVAL' || code === 'ESRCH') return '';
    throw error;
  }
}

/** Whether the virtual address stands on this router. */
export const hasVip = (router: Host): boolean => networkFile(router, 'fib_trie').includes(`|-- ${vip}\n`);

/** The real servers that are in the table with a weight, with their services: hexadecimal, as the kernel shows them. */
function weighted(router: Host): readonly { readonly service: string; readonly server: string }[] {
  let service = '';
  return tableFile(router)
    .split('\n')
    .flatMap((line) => {
      service = /^(?:TCP|UDP|FWM) +\S+/.exec(line)?.[0] ?? service;
      const [, server] = /^ {2}-> (\S+:[0-9A-F]{4}) +\S+ +[1-9]/.exec(line) ?? [];
      return server === undefined ? [] : [{ service, server }];
    });
}

/** How many real servers are in the table with a weight; one of several services counts once. */
export const livingServers = (router: Host): number => new Set(weighted(router).map(({ server }) => server)).size;

/** Every real server of every service that is in the table with a weight. */
export const livingEntries = (router: Host): string[] =>
  weighted(router).map(({ service, server }) => `${service} ${server}`);

/** What `lvsctl status --json` says of the pair. */
export type PairStatus = {
  readonly pair: { readonly alarm: string | null };
  readonly partner: {
    readonly said: string;
    readonly hearsUs: boolean | null;
    readonly refused: Record<string, number>;
  };
};

/** What `lvsctl status --json` prints; undefined where nobody answers. */
export async function statusOf<T>({ pid }: Host): Promise<T | undefined> {
  const socket = `/proc/${pid}/root/run/piranha/pulse.sock`;
  const asked = await askControlSocket(socket, '{"type":"status"}\n', seconds(3));
  return asked.ok ? (JSON.parse(asked.value) as T) : undefined;
}
