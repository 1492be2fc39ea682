// How each real server is asked for its load, from what lvs.cf says.
import type { RealServer, VirtualServer } from '@piranha/config';
import type { Millis } from '@piranha/domain';
import { pauseBetweenLooks } from '@piranha/ipvs';
import type { Check } from '@piranha/protocol';

type Words = readonly [string, ...string[]];

/** The program for one server; null where nobody asks, or where no load can change the weight. */
export function loadQuery(virtual: VirtualServer, server: RealServer, rshCommand: readonly string[]): Check['load'] {
  const [program, ...args] = virtual.loadMonitor ?? [];
  if (program === undefined || server.weight === 0) return null;
  const { timeout } = virtual.check;
  const every = pauseBetweenLooks(timeout);
  // It takes no host and tells of all that it knows (rwho package); a name of the file is all that we have for one.
  if (basename(program) === 'ruptime') return { program: [program, ...args], every, host: server.name };
  return { program: commandFor([program, ...args], rshCommand, server.address, timeout), every, host: null };
}

const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const remoteShells: readonly string[] = ['rsh', 'ssh'];

/** A remote shell runs `uptime` on the server; any other program is given the server's address. */
function commandFor(monitor: Words, rshCommand: readonly string[], address: string, timeout: Millis): Words {
  const [shell = '', ...options] = monitor.join(' ') === 'uptime' ? rshCommand : monitor;
  const isShell = monitor.join(' ') === 'uptime' || remoteShells.includes(basename(shell));
  if (!isShell) return [...monitor, address];
  const [program = '', ...args] = unattended([shell, ...options], timeout);
  return [program, ...args, address, 'uptime'];
}

/** Nobody is there to type a password: where ssh is run, it does not ask, and gives up before its time is over. */
function unattended(words: readonly string[], timeout: Millis): readonly string[] {
  const ssh = words.findIndex((word) => basename(word) === 'ssh');
  if (ssh < 0) return words;
  const settings = ['BatchMode=yes', `ConnectTimeout=${connectSeconds(timeout)}`].filter(
    (setting) => !words.some((word) => isSetting(word, setting)),
  );
  return [...words.slice(0, ssh + 1), ...settings.flatMap((setting) => ['-o', setting]), ...words.slice(ssh + 1)];
}

/** Whether a word, such as `-oBatchMode=no` or what follows `-o`, has a value for the same name. */
const isSetting = (word: string, setting: string): boolean => nameOf(word.replace(/^-o/, '')) === nameOf(setting);
const nameOf = (setting: string): string => (setting.split('=')[0] ?? '').toLowerCase();

/** A nanny waits for the timeout of the check, and 10 s at least; what ssh complains of is to come before that. */
const connectSeconds = (timeout: Millis): number => Math.max(8, Math.floor(timeout / 1000) - 2);
