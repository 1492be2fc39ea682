// What /proc tells of processes, without starting any: looking must not be what is seen.

/** The suite's processes, by the names that the kernel has. */
const suite = ['pulse', 'lvsd', 'nanny', 'send_arp'];

type Status = {
  readonly name: string;
  readonly zombie: boolean;
  readonly parent: number;
  /** In KB; a process that is ending has none any more, and a zombie neither. */
  readonly memory: number | undefined;
  readonly threads: number;
};

/**
 * The text of /proc/PID/status. Memory is only what the process has filled itself: pages of its program and libraries
 * come when they are first used, are shared by all processes, and the kernel can drop them.
 */
export function parseStatus(text: string): Status {
  const field = (name: string): string => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(text)?.[1] ?? '';
  const own = [field('RssAnon'), field('RssShmem')];
  return {
    name: field('Name'),
    zombie: field('State') === 'Z',
    parent: Number(field('PPid')),
    memory: own.includes('') ? undefined : own.reduce((sum, each) => sum + Number(each), 0),
    threads: Number(field('Threads')),
  };
}

/** Where a process of that number leaves how much its heap holds (bytes) after a collection; each host has its own /run. */
export const heapFileOf = (pid: number | string): string => `/run/heap-${pid}`;

/** The name under which a process is watched; the standing `ip` of pulse is none of the lab's. */
export function watchedAs(name: string, commandLine: string): string | undefined {
  if (suite.includes(name)) return name;
  return name === 'ip' && commandLine.startsWith('ip\0-j\0-force\0') ? 'ip' : undefined;
}

/** The 22nd field of /proc/PID/stat: when it was started. The second may have blanks and brackets in it. */
export const startedAt = (stat: string): string => stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';

/** Services and servers in the text of /proc/net/ip_vs, whose first three lines are headings. */
export const countEntries = (text: string): number =>
  text.match(/^(?:TCP|UDP|SCTP|FWM| {2}-> [0-9A-F[])/gm)?.length ?? 0;

/** The sockets of a network namespace, of all kinds, in the text of /proc/net/sockstat. */
export const countSockets = (text: string): number => Number(/^sockets: used (\d+)$/m.exec(text)?.[1] ?? 0);
