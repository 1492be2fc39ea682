// A Debian of its own in namespaces that boots with systemd or sysvinit (scripts/guest/boot), and has the suite installed.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Result } from '../../lab/inside/command.ts';
import { must, run, until } from '../../lab/inside/command.ts';

/** What starts the machine. */
export type Init = 'systemd' | 'sysvinit';

/** One machine; it is off at first. */
export type Machine = {
  readonly init: Init;
  /** Boots, and waits until init has begun to start services. eth0 has its address then, where that is wanted. */
  readonly boot: (address?: string) => Promise<void>;
  /** Pulls the power. */
  readonly cut: () => Promise<void>;
  readonly run: (...words: readonly string[]) => Promise<Result>;
  /** Runs a command that has to succeed; gives its standard output. */
  readonly must: (...words: readonly string[]) => Promise<string>;
  readonly write: (path: string, content: string) => Promise<void>;
  /** What the syslog daemon has written. */
  readonly log: () => Promise<string>;
  readonly destroy: () => Promise<void>;
};

const script = join(process.cwd(), 'scripts/guest/boot');
const asRoot = process.getuid?.() === 0 ? [] : ['sudo'];
const path = `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
/** Another Debian is `scripts/setup-boot NAME` and BOOT_SUITE=NAME. */
const root = join(process.cwd(), 'build/boot', process.env['BOOT_SUITE'] ?? 'bookworm');
const bootLimit = 60_000;
/** systemd needs a control group of its own; where there are both versions the second is below `unified`. */
const groups = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find((each) => existsSync(`${each}/cgroup.procs`)) ?? '';

/** Starts a program that dies with us whatever happens to us. */
function startBound(words: readonly string[]): ChildProcess {
  const [file = '', ...args] = [...asRoot, 'setpriv', '--pdeathsig', 'KILL', ...words];
  return spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  await ended;
}

const childOf = (pid: number | undefined): number | undefined =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()) || undefined;

/** Makes a machine with a disk of its own. */
export async function makeMachine(init: Init): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), 'piranha-boot-'));
  const group = join(groups, `piranha-boot-${process.pid}-${init}`);
  mkdirSync(group);
  const disk = startBound(['unshare', '--mount', script, 'disk', folder, root]);
  await once(disk.stdout ?? disk, 'data');
  let power: ChildProcess | undefined;
  let first: number | undefined;

  const inside = (...words: readonly string[]): readonly string[] => [
    ...[...asRoot, 'nsenter', '--target', String(first), '--mount', '--pid', '--net', '--uts', '--ipc', '--cgroup'],
    ...['env', '-i', `PATH=${path}`, 'TERM=dumb', ...words],
  ];
  const runInside = (...words: readonly string[]): Promise<Result> => run(inside(...words));
  const boot = async (address = ''): Promise<void> => {
    const spaces = ['--mount', '--pid', '--net', '--uts', '--ipc', '--cgroup', '--fork', '--kill-child=KILL'];
    const start = `echo $$ >${group}/cgroup.procs; exec nsenter --target ${disk.pid} --mount unshare ${spaces.join(' ')} "$@"`;
    power = startBound(['sh', '-c', start, 'sh', script, 'power', folder, init, address]);
    const holder = power.pid;
    first = await until('the first process', bootLimit, () => childOf(holder));
    await until(`${init} to have booted`, bootLimit, async () => {
      const check =
        init === 'systemd' ? ['systemctl', 'is-active', '--quiet', 'basic.target'] : ['test', '-e', '/run/booted'];
      return (await runInside(...check)).code === 0;
    });
  };
  const cut = async (): Promise<void> => {
    if (power !== undefined) await end(power);
    power = undefined;
  };
  const mustInside = (...words: readonly string[]): Promise<string> => must(inside(...words));
  return {
    ...{ init, boot, cut, run: runInside, must: mustInside },
    write: async (file, content) => {
      await must(inside('sh', '-c', 'mkdir -p "$(dirname "$0")" && cat >"$0"', file), content);
    },
    log: () => mustInside('cat', '/var/log/messages'),
    destroy: async () => {
      await cut();
      disk.stdin?.end();
      await once(disk, 'close');
      await removeGroup(group);
      rmSync(folder, { recursive: true });
    },
  };
}

/** The groups that systemd has made in it go first; the last process may still be on its way out. */
async function removeGroup(group: string): Promise<void> {
  const listed = await must([...asRoot, 'find', group, '-depth', '-type', 'd']);
  for (const each of listed.trim().split('\n')) {
    await until(`the end of ${each}`, bootLimit, () => {
      try {
        rmdirSync(each);
        return true;
      } catch {
        return false;
      }
    });
  }
}
