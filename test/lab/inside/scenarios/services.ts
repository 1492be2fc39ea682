// Other services than HTTP over NAT: UDP, firewall mark, persistence, tunnel, quiesce, sorry server; time-outs; sync
// daemon; commands.
import { until } from '../command.ts';
import { makeLab, usualSettings } from '../lab.ts';
import { hasVip } from '../look.ts';
import { ipvsTable, service } from '../router.ts';
import { startWebServers } from '../web-server.ts';

const configuration = `primary = 10.1.0.2
backup = 10.1.0.3
backup_active = 1
keepalive = 1
deadtime = 3
heartbeat_port = 1539
network = direct
tcp_timeout = 900
syncdaemon = 1
syncd_iface = eth1
syncd_id = 7
active_cmd = "/usr/bin/touch /run/became-active"
inactive_cmd = "/usr/bin/touch /run/became-inactive"
virtual web {
  active = 1
  address = 10.1.0.100 eth0:1
  port = 80
  scheduler = sh
  persistent = 120
  pmask = 255.255.255.0
  timeout = 1
  reentry = 2
  slow_start = off
  quiesce_server = 1
  server s1 { 
    address = 10.2.0.11
    active = 1
    weight = 3
  }
  server s2 {
    address = 10.2.0.12
    active = 1
    weight = 4
  }
}
virtual both {
  active = 1
  address = 10.1.0.100 eth0:1
  fwmark = 80
  port = 80
  scheduler = wlc
  timeout = 1
  persistent = 60
  network = tunnel
  server s1 {
    address = 10.2.0.11
    active = 1
  }
}
virtual lonely {
  active = 1
  address = 10.1.0.102 eth0:3
  port = 81
  scheduler = rr
  timeout = 1
  sorry_server = 10.2.0.12
  server s1 {
    address = 10.2.0.11
    active = 1
  }
}
virtual names {
  active = 1
  address = 10.1.0.101 eth0:2
  port = 53
  protocol = udp
  scheduler = rr
  timeout = 1
  send = "x"
  server s1 {
    address = 10.2.0.11
    active = 1
    weight = 1
  }
}
`.replaceAll(/\{ $/gm, '{');

/** The table that such a file gives, and what goes with being active. */
export async function services() {
  const lab = await makeLab({ ...usualSettings, network: 'nat' });
  try {
    const { r1, r2 } = lab;
    const [, web] = await startWebServers(lab);
    for (const router of [r1, r2]) {
      await router.write('/etc/sysconfig/ha/lvs.cf', configuration);
      await service(router, 'start');
    }
    await until('r1 active', 30_000, () => hasVip(r1));
    const serverLines = (lines: readonly string[]): number => lines.filter((line) => line.startsWith('-a')).length;
    await until('the servers', 20_000, async () => serverLines(await ipvsTable(r1)) >= 4);
    const table = await ipvsTable(r1);
    const timeouts = await r1.must(['ipvsadm', '-L', '--timeout']);
    const sync = [r1, r2].map((router) => router.must(['ipvsadm', '-L', '--daemon']));
    const daemons = await Promise.all(sync);
    const commands = await Promise.all(
      [r1, r2].map(async (router) =>
        (await router.must(['ls', '/run'])).split('\n').filter((name) => name.startsWith('became')),
      ),
    );
    const sockets = await Promise.all([r1, r2].map((router) => router.must(['ss', '-Huln', 'sport = :1539'])));
    await web.stop('SIGKILL');
    const quiesced = await until('the failed server quiesced', 15_000, async () => {
      const lines = await ipvsTable(r1);
      return lines.some((line) => line.includes('10.2.0.12:80') && line.endsWith('-w 0')) ? lines : undefined;
    });
    return { table, timeouts, daemons, commands, sockets, quiesced };
  } finally {
    await lab.destroy();
  }
}
