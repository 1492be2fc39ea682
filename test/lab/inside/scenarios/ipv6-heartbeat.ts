// A pair whose heartbeats are IPv6 on both networks: each hears the other as a neighbour, and one takes over from the other.
import { until } from '../command.ts';
import type { Host } from '../host.ts';
import { lvsCf, makeLab, usualSettings } from '../lab.ts';
import type { PairStatus } from '../look.ts';
import { hasVip, statusOf } from '../look.ts';
import { service, untilServing } from '../router.ts';
import { startWebServers } from '../web-server.ts';

const file = '/etc/sysconfig/ha/lvs.cf';

const text = lvsCf({ ...usualSettings, more: 'heartbeat_key_file = /etc/sysconfig/ha/heartbeat.key\n' })
  .replace(/^(primary|backup) = 10\.1\.0\.(\d)$/gm, '$1 = 2001:db8:1::$2')
  .replace(/^(primary|backup)_private = 10\.2\.0\.(\d)$/gm, '$1_private = 2001:db8:2::$2');

async function prepare(router: Host, last: number): Promise<void> {
  const addresses = [1, 2].map((net) => `address add 2001:db8:${net}::${last}/64 dev eth${net - 1} nodad\n`);
  await router.must(['ip', '-batch', '-'], addresses.join(''));
  await router.write(file, text);
}

export async function ipv6Heartbeat() {
  const lab = await makeLab(usualSettings);
  try {
    const { r1, r2 } = lab;
    await startWebServers(lab);
    await prepare(r1, 2);
    await prepare(r2, 3);
    for (const router of [r1, r2]) await service(router, 'start');
    await untilServing(r1, 2, 60_000);
    const hear = async (): Promise<readonly (PairStatus | undefined)[] | undefined> => {
      const all = await Promise.all([r1, r2].map((router) => statusOf<PairStatus>(router)));
      return all.every((status) => status?.partner.hearsUs === true) ? all : undefined;
    };
    const heard = await until('both to hear each other', 30_000, hear);
    const owners = [hasVip(r1), hasVip(r2)];
    await service(r1, 'stop');
    await until('the other router to take over', 30_000, () => Promise.resolve(hasVip(r2)));
    return {
      owners,
      alarms: heard.map((status) => status?.pair.alarm),
      far: heard.map((status) => status?.partner.refused['far'] ?? 0),
    };
  } finally {
    await lab.destroy();
  }
}
