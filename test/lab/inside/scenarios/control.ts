// lvsctl on both routers: status while things happen, and a plan held against what the reload then does.
import { systemLog } from '../host.ts';
import type { Host } from '../host.ts';
import { must, nowMs, until } from '../command.ts';
import { lvsCf, makeLab, usualSettings, vip } from '../lab.ts';
import { ipvsTable, service, untilServing } from '../router.ts';
import { startWebServers } from '../web-server.ts';

const configuration = '/etc/sysconfig/ha/lvs.cf';

/** Writes down the lines that ipvsadm is given. */
const spy = `#!/bin/sh
if [ "$1" = -R ]; then tee -a /run/given | ipvsadm -R; else exec ipvsadm "$@"; fi
`;

/** What the scenario needs of the JSON that \`lvsctl status --json\` prints. */
type Status = {
  readonly role: string;
  readonly state: string;
  readonly sinceMs: number;
  readonly digest: string;
  readonly partner: { readonly said: string; readonly channels: { readonly said: string | null }[] };
  readonly addresses: { readonly address: string; readonly device: string; readonly up: boolean }[];
  readonly lvsProblem: string | null;
  readonly lvs: {
    readonly role: string;
    readonly digest: string;
    readonly table: {
      readonly failed: { readonly line: string; readonly problem: string }[];
      readonly retryInMs: number | null;
    };
    readonly virtualServers: {
      readonly name: string;
      readonly servers: {
        readonly name: string;
        readonly health: string;
        readonly sinceMs: number;
        readonly reason: string;
        readonly weight: number | null;
        readonly activeConnections: number | null;
      }[];
    }[];
  } | null;
};

type Plan = { readonly lines: string[]; readonly linesWhenChecked: string[] };

const lvsctl = (router: Host, ...words: readonly string[]) => router.run(['lvsctl', ...words]);
const json = async <T>(router: Host, ...words: readonly string[]): Promise<T> =>
  JSON.parse(await router.must(['lvsctl', ...words, '--json'])) as T;
const statusOf = (router: Host): Promise<Status> => json<Status>(router, 'status');

const serversOf = (status: Status) => status.lvs?.virtualServers.flatMap(({ servers }) => servers) ?? [];
const connectionsOf = (status: Status): number =>
  serversOf(status).reduce((sum, { activeConnections }) => sum + (activeConnections ?? 0), 0);

/** Another scheduler, another weight, one server less, and a second service. */
function changed(good: string): string {
  const second = `virtual second {
  active = 1
  address = ${vip} eth0:1
  vip_nmask = 255.255.255.0
  port = 81
  timeout = 1
  send = "GET / HTTP/1.0\\r\\n\\r\\n"
  expect = "HTTP/1.1 200"
  server s1 {
    address = 10.2.0.11
    port = 80
    active = 1
  }
}
`;
  return `${good
    .replace('scheduler = wrr', 'scheduler = lc')
    .replace('weight = 2', 'weight = 5')
    .replace(/ {2}server s2 \{[^}]*\}\n/, '')}${second}`;
}

const socketModes = async (router: Host): Promise<string[]> => {
  const stat = await router.must(['stat', '-c', '%a %U', '/run/piranha', '/run/piranha/pulse.sock']);
  return stat.trim().split('\n');
};

/** Who is killed first when memory runs out. */
async function killedFirst(router: Host): Promise<Record<string, number>> {
  const scores: Record<string, number> = {};
  for (const name of ['pulse', 'lvsd', 'nanny']) {
    const pid = (await router.must(['pgrep', '--oldest', '-x', name])).trim();
    scores[name] = Number(await router.must(['cat', `/proc/${pid}/oom_score_adj`]));
  }
  return scores;
}

/** Everything an administrator asks of a pair that runs. */
export async function control() {
  // An lvs that is stopped while lvsctl asks is to be alive still when it is told to go on.
  const lab = await makeLab({ ...usualSettings, deadtime: 10, more: 'ipvsadm = /run/spy\n' });
  try {
    const { r1, r2, client } = lab;
    const [first] = await startWebServers(lab);
    for (const router of [r1, r2]) {
      await router.write('/run/spy', spy);
      await router.must(['chmod', '755', '/run/spy']);
    }
    const good = lvsCf(lab.settings);
    const notRunning = { status: await lvsctl(r1, 'status'), plan: await lvsctl(r1, 'plan') };

    for (const router of [r1, r2]) await service(router, 'start');
    await untilServing(r1, 2, 30_000);
    await until('the standby to have judged its servers', 20_000, async () =>
      serversOf(await statusOf(r2)).every(({ health }) => health === 'up'),
    );
    const both = [await statusOf(r1), await statusOf(r2)];
    const text = (await lvsctl(r1, 'status')).stdout;
    const scores = await killedFirst(r1);
    const access = {
      modes: await socketModes(r1),
      nobody: await r1.run(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'lvsctl', 'status']),
    };

    const held = [1, 2, 3].map(() => client.start(['sh', '-c', `sleep 60 | busybox nc ${vip} 80`]));
    const connections = connectionsOf(
      await until('three connections to be counted', 15_000, async () => {
        const status = await statusOf(r1);
        return connectionsOf(status) >= 3 ? status : undefined;
      }),
    );

    const planned = await planAndReload(r1, changed(good));
    await Promise.all(held.map((each) => each.stop('SIGKILL')));

    const lvsPid = (await r1.must(['pgrep', '-x', 'lvsd'])).trim();
    await r1.must(['kill', '-STOP', lvsPid]);
    const askedAt = nowMs();
    const hanging = { status: await statusOf(r1), tookMs: nowMs() - askedAt };
    await r1.must(['kill', '-CONT', lvsPid]);

    await r1.write(configuration, good);
    await service(r1, 'reload');
    await untilServing(r1, 2, 20_000);
    await first.stop('SIGKILL');
    const dead = await until('the dead server to be told', 20_000, async () => {
      const status = await statusOf(r1);
      // It is known to be down before the kernel has let go of it.
      return serversOf(status).some(({ health, weight }) => health === 'down' && weight === null) ? status : undefined;
    });
    const deadText = (await lvsctl(r1, 'status')).stdout;

    const withoutScheduler = await refuseScheduler(r1, good);
    await service(r1, 'stop');
    const stopped = {
      status: (await lvsctl(r1, 'status')).code,
      socket: (await r1.run(['test', '-e', '/run/piranha/pulse.sock'])).code,
    };
    const other = await until('the other router to be active', 20_000, async () => {
      const status = await statusOf(r2);
      return status.state === 'active' ? status : undefined;
    });
    return {
      ...{ notRunning, both, text, access, connections, planned, hanging, dead, deadText, withoutScheduler },
      ...{ stopped, other, scores },
    };
  } finally {
    await lab.destroy();
  }
}

/** A plan, then the reload: what was foretold, what ipvsadm was given, and the table before and after. */
async function planAndReload(router: Host, text: string) {
  await router.write(configuration, text);
  const plan = await json<Plan>(router, 'plan');
  const shown = await lvsctl(router, 'plan');
  const before = await ipvsTable(router);
  await router.write('/run/given', '');
  await service(router, 'reload');
  const wanted = plan.lines.length + plan.linesWhenChecked.length;
  const given = async (): Promise<string[]> =>
    (await router.must(['cat', '/run/given'])).split('\n').filter((line) => line !== '');
  await until('the reload to be through', 20_000, async () => (await given()).length >= wanted);
  const after = await until('the table to be as planned', 10_000, async () => {
    const table = await ipvsTable(router);
    return table.some((line) => line.startsWith(`-a -t ${vip}:81`)) ? table : undefined;
  });
  const again = await lvsctl(router, 'plan');
  return { plan, shown: shown.stdout, given: await given(), before, after, again: again.stdout };
}

/** A reload to a scheduler whose module cannot be loaded. */
async function refuseScheduler(router: Host, good: string) {
  const rule = '/etc/modprobe.d/no-ovf.conf';
  await must(['sh', '-c', `mkdir -p /etc/modprobe.d && echo "install ip_vs_ovf /bin/false" >${rule}`]);
  try {
    await router.write(configuration, good.replace('scheduler = wrr', 'scheduler = ovf'));
    await service(router, 'reload');
    const status = await until('the failed line to be told', 20_000, async () => {
      const seen = await statusOf(router);
      return (seen.lvs?.table.failed.length ?? 0) > 0 ? seen : undefined;
    });
    const log = (await systemLog(router)).filter((line) => line.includes('ip_vs_ovf'));
    return { table: status.lvs?.table, log, text: (await lvsctl(router, 'status')).stdout };
  } finally {
    await must(['rm', rule]);
  }
}
