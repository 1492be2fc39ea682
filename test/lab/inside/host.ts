// A host of the lab: namespaces for network, mounts, processes and name, held open by one small process.
import { readFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pauseUntil } from 'node:timers/promises';
import type { Result, Running } from './command.ts';
import { must, run, start, until } from './command.ts';
import { step } from './steps.ts';

/** One machine of the lab. */
export type Host = {
  readonly name: string;
  /** Process id of its first process, as the lab sees it. */
  readonly pid: number;
  /** Runs a command on the host; one that takes longer than the limit (ms) is killed. */
  readonly run: (words: readonly string[], input?: string, limit?: number) => Promise<Result>;
  /** Runs a command on the host that has to succeed. */
  readonly must: (words: readonly string[], input?: string) => Promise<string>;
  readonly start: (words: readonly string[], onLine?: (line: string) => void) => Running;
  /** Writes a file on the host. */
  readonly write: (path: string, content: string) => Promise<void>;
  /** Pulls the power: every process of the host dies at once. */
  readonly destroy: () => Promise<void>;
};

/** What the first process of a host does: a file system view of its own, then it reaps orphans for ever. */
const firstProcess = `
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t sysfs sysfs /sys
mkdir -p /run/lock /run/netns
for each in /etc/sysconfig /var/log; do
  if [ -d $each ]; then cp -a $each /tmp/copy; mount -t tmpfs -o mode=755 tmpfs $each; cp -a /tmp/copy/. $each/; rm -rf /tmp/copy; fi
done
hostname "$0"
ip link set lo up
for scope in all default; do
  echo 0 >/proc/sys/net/ipv4/conf/$scope/rp_filter
  echo 0 >/proc/sys/net/ipv4/conf/$scope/send_redirects
done
ln -sfn /run/devlog /dev/log
busybox syslogd -O /run/messages
echo ready
while :; do sleep 3600 & wait $!; done
`;

/** A host is there in a moment, and so is its end (ms). */
const startLimit = 30_000;

/** The first of them that happens; fails when the limit (ms) is over. */
async function within(limit: number, what: string, events: readonly Promise<unknown>[]): Promise<void> {
  const over = new AbortController();
  const late = pauseUntil(limit, { signal: over.signal }).then(() => {
    throw new Error(`${what}: not within ${limit} ms`);
  });
  late.catch(() => undefined);
  await Promise.race([...events, late]).finally(() => {
    over.abort();
  });
}

/** Makes a host without network cards. */
export async function makeHost(name: string): Promise<Host> {
  const namespaces = ['--net', '--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child', '--mount-proc'];
  const holder = spawn('unshare', [...namespaces, 'sh', '-c', firstProcess, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(holder, 'exit');
  await within(startLimit, `host ${name} to start`, [
    once(holder.stdout, 'data'),
    ended.then(() => Promise.reject(new Error(`host ${name} did not start`))),
  ]);
  const children = `/proc/${holder.pid}/task/${holder.pid}/children`;
  const pid = await until(
    `first process of ${name}`,
    5000,
    () => Number(readFileSync(children, 'utf8').trim()) || undefined,
  );
  const enter = ['nsenter', '--target', String(pid), '--net', '--mount', '--pid', '--uts', '--ipc', '--'];
  return {
    name,
    pid,
    run: (words, input, limit) => run([...enter, ...words], input, limit),
    must: (words, input) => must([...enter, ...words], input),
    start: (words, onLine) => start([...enter, ...words], onLine),
    write: async (path, content) => {
      await must([...enter, 'sh', '-c', 'mkdir -p "$(dirname "$0")" && cat > "$0"', path], content);
    },
    destroy: async () => {
      step(`${name}: power off`);
      holder.kill('SIGKILL');
      await within(startLimit, `host ${name} to end`, [ended]);
    },
  };
}

/** Processes that live on a host, its first process and the lab's own helpers aside. */
export async function processesOf(host: Host): Promise<string[]> {
  const listed = await host.must(['ps', '-eo', 'pid=,ppid=,stat=,args=']);
  return listed.split('\n').filter((line) => /\S/.test(line) && !/^ *1 |sleep 3600|ps -eo|syslogd/.test(line));
}

/** What was written to the system log of a host. */
export const systemLog = async (host: Host): Promise<string[]> => {
  const log = await host.run(['cat', '/run/messages']);
  return log.stdout.split('\n').filter((line) => line !== '');
};
