// The suite on a machine of these tests: installed, with a table that a stand-in for ipvsadm keeps, and its file.
import { until } from '../../lab/inside/command.ts';
import type { Machine } from './machine.ts';

export const ownAddress = '192.0.2.11';
const vip = '192.0.2.100';
const configuration = '/etc/sysconfig/ha/lvs.cf';

/** Keeps lines of rules, as `ipvsadm -R` reads and `-S` writes them; there need not be a kernel with IPVS. */
const standIn = `#!/bin/sh
table=/run/table
touch $table
case $1 in
  -R)
    while read -r verb rule; do
      case $verb in
        -A | -a) echo "$verb $rule" >>$table ;;
        -E | -e) : ;;
        -D) grep -v -F -e "$rule" $table >$table.new; mv $table.new $table ;;
        -d) grep -v -F -e "-a $rule" $table >$table.new; mv $table.new $table ;;
      esac
    done ;;
  -S) cat $table ;;
  -C) rm $table ;;
esac
`;

// Alone it is active at once, and a slow machine is no reason to let go.
const good = `primary = ${ownAddress}
keepalive = 1
deadtime = 60
network = direct
virtual web {
  active = 1
  address = ${vip} eth0:1
  vip_nmask = 255.255.255.0
  port = 80
  server one {
    active = 1
    address = 10.2.0.11
  }
}
`;

const files = {
  good,
  bad: good.replace('port = 80', 'port = often'),
  // What this machine is depends on its addresses, which may come later: the file is good.
  edited: good.replace('keepalive = 1', 'keepalive = 2'),
  // All that a confined service could fail at: heartbeats, the sync daemon, programs of the file, a key in a home.
  busy: `backup = 192.0.2.12
backup_active = 1
heartbeat_key_file = /root/heartbeat.key
syncdaemon = 1
syncd_iface = eth0
active_cmd = "/usr/bin/touch /var/log/became-active"
${good
  .replace('deadtime = 60', 'deadtime = 3')
  .replace('port = 80', 'port = 80\n  send_program = "/usr/bin/touch /var/log/checks/checked"\n  timeout = 1')}`,
  unwanted: good.replace(ownAddress, `192.0.2.13\nbackup = ${ownAddress}`),
};

/** Writes lvs.cf. */
export const configure = (machine: Machine, which: keyof typeof files): Promise<void> =>
  machine.write(configuration, files[which]);

/** Installs the suite from this checkout. */
export async function install(machine: Machine): Promise<void> {
  await machine.write('/usr/sbin/ipvsadm', standIn);
  await machine.must('chmod', '755', '/usr/sbin/ipvsadm');
  await machine.must(`${process.cwd()}/scripts/install`);
  await configure(machine, 'good');
}

export const addAddress = (machine: Machine): Promise<string> =>
  machine.must('ip', 'address', 'add', `${ownAddress}/24`, 'dev', 'eth0');

/** Whether the virtual address is up. */
export const hasVip = async (machine: Machine): Promise<boolean> =>
  (await machine.must('ip', '-o', 'address', 'show', 'dev', 'eth0')).includes(` ${vip}/`);

export const untilVip = (machine: Machine): Promise<true> =>
  until('the virtual address', 60_000, () => hasVip(machine));

/** The pids of the daemons of a name: pulse or lvsd. */
export async function pidsOf(machine: Machine, name: 'pulse' | 'lvsd'): Promise<readonly string[]> {
  const { stdout } = await machine.run('pgrep', '-x', name);
  return stdout.split('\n').filter((line) => line !== '');
}

const script = '/etc/init.d/pulse';

/** What the init script says to a verb: its exit status, and all its words. */
export async function tell(machine: Machine, verb: string, ...as: readonly string[]) {
  const { code, stdout, stderr } = await machine.run(...as, script, ...(verb === '' ? [] : [verb]));
  return { code, text: stdout + stderr };
}

/** The exit statuses of several verbs, one after the other. */
export async function statuses(machine: Machine, verbs: readonly string[], ...as: readonly string[]) {
  const codes: [string, number][] = [];
  for (const verb of verbs) codes.push([verb, (await tell(machine, verb, ...as)).code]);
  return Object.fromEntries(codes);
}

/** For `statuses`: as somebody who is not root. */
export const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

/** Deletes whatever the suite has below /run. */
export const wipe = (machine: Machine): Promise<string> =>
  machine.must('rm', '-rf', '/run/piranha', '/run/pulse.pid', '/run/lvs.pid');

/** Kills with SIGKILL, and waits for the end. */
export async function kill(machine: Machine, pids: readonly string[]): Promise<void> {
  await machine.must('kill', '-KILL', ...pids);
  await until(
    'the end of what was killed',
    20_000,
    async () => (await machine.run('ps', '-p', pids.join())).code !== 0,
  );
}
