// How many files and sockets a daemon may need: each connection of a check and each pipe to a child is one.

/** What every daemon needs whatever its file says: its log, sockets, and commands that it runs. */
const ground = 64;
/** A server's check under way, with a program: its pipes, and what is held while it is started. */
const forServer = 4;
/** Three pipes to a child. */
const forChild = 3;

/** What a process needs that checks so many servers and has so many children. */
export const descriptorsNeeded = ({ servers, children }: { readonly servers: number; readonly children: number }) =>
  ground + servers * forServer + children * forChild;

/** What to say where so many are not enough; undefined where they are. */
export function descriptorShortage(limit: number, needed: number): string | undefined {
  if (limit >= needed) return undefined;
  return (
    `up to ${needed} open files may be needed and ${limit} are allowed: raise the hard limit ` +
    '(LimitNOFILE= of the systemd unit, or `ulimit -Hn` before the start)'
  );
}
