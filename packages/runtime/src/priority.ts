// On time though the machine is busy: the scheduling priority of a daemon (sched(7)).
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** Nice value, from -20 (first) to 19. */
const highest = -20;

/** A nice value counts only among the processes of one session; this is the session's own among all others. */
const ofSession = '/proc/self/autogroup';

/** Raises every thread of this process: the first one waits for the others when memory is cleared up. May throw. */
export function raisePriority(): void {
  for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), highest);
  if (leadsSession()) raiseSession();
}

/** For a child in a session of its own, whose parent has been raised. May throw. */
export function raiseSessionLikeParent(): void {
  if (getPriority() < 0 && leadsSession()) raiseSession();
}

/** Without effect on a kernel that knows no priorities of sessions. */
function raiseSession(): void {
  if (existsSync(ofSession)) writeFileSync(ofSession, String(highest));
}

/** In a terminal the session is not ours alone. */
function leadsSession(): boolean {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const [, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(session) === process.pid;
}
