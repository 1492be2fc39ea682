// What pulse warns of: nothing on a healthy router, and each trouble that is really there. And the kernel's settings.
import { until } from '../command.ts';
import type { Host } from '../host.ts';
import { systemLog } from '../host.ts';
import { lvsCf, makeLab, usualSettings } from '../lab.ts';
import { service, untilServing } from '../router.ts';
import { startWebServers } from '../web-server.ts';

const configuration = '/etc/sysconfig/ha/lvs.cf';
const settings = ['expire_nodest_conn', 'expire_quiescent_template', 'conn_reuse_mode'];

/** More services: a mark, on an interface and with a program that are not there at first; direct routing; NAT in the network of the clients. */
const more = `
expire_nodest_conn = 1
conn_reuse_mode = 2
virtual marked {
  active = 1
  address = 10.1.0.101 eth7:1
  fwmark = 80
  network = direct
  send_program = "/opt/no-such-check %h"
  server s1 {
    address = 10.1.0.11
    active = 1
  }
}
virtual near {
  active = 1
  address = 10.1.0.102 eth0:2
  port = 81
  network = direct
  server s1 {
    address = 10.1.0.11
    active = 1
  }
}
virtual one-armed {
  active = 1
  address = 10.1.0.103 eth0:3
  port = 82
  server s1 {
    address = 10.1.0.11
    active = 1
  }
}
`;

/** What that file needs. */
const needed = [
  ['ip', 'link', 'add', 'eth7', 'type', 'dummy'],
  ['install', '-D', '/bin/true', '/opt/no-such-check'],
];

const trouble = [
  ['sysctl', '-qw', 'net.ipv4.ip_forward=0'],
  ['sysctl', '-qw', 'net.ipv4.conf.eth0.rp_filter=1'],
  ['sysctl', '-qw', 'net.ipv4.conf.all.send_redirects=1'],
  ['nft', 'add table inet lab'],
  ['nft', 'add chain inet lab input { type filter hook input priority 0; policy drop; }'],
  ['nft', 'add rule inet lab input tcp dport 22 accept'],
];

const cure = [
  ['sysctl', '-qw', 'net.ipv4.ip_forward=1'],
  ['sysctl', '-qw', 'net.ipv4.conf.eth0.rp_filter=0'],
  ['sysctl', '-qw', 'net.ipv4.conf.all.send_redirects=0'],
  ['nft', 'add rule inet lab input ip saddr { 10.1.0.3, 10.2.0.3 } udp dport 539 accept'],
  ['nft', 'add rule inet lab input ct state established accept'],
  ['nft', 'add chain inet lab marks { type filter hook prerouting priority -150; }'],
  ['nft', 'add rule inet lab marks ip daddr 10.1.0.101 tcp dport { 80, 443 } meta mark set 80'],
  ['ip', 'link', 'set', 'eth7', 'up'],
];

const all = async (router: Host, commands: readonly (readonly string[])[]): Promise<void> => {
  for (const words of commands) await router.must(words);
};

/** The warnings about the machine so far: code and text. */
async function warnings(router: Host): Promise<{ code: string; text: string }[]> {
  return (await systemLog(router)).flatMap((line) => {
    const [, text, code] = /pulse\[\d+\]: (.*) code=([\w-]+) hint=/.exec(line) ?? [];
    return text === undefined || code === undefined ? [] : [{ code, text }];
  });
}

const looksAt = async (router: Host): Promise<string[]> =>
  (await systemLog(router)).filter((line) => line.includes('the machine was looked at'));

/** Gives a function that waits for the next look at the machine and gives the warnings that are new since the last. */
function watch(router: Host): () => Promise<{ code: string; text: string }[]> {
  let looks = 0;
  let said = 0;
  return async () => {
    looks = await until('a look at the machine', 40_000, async () => {
      const now = (await looksAt(router)).length;
      return now > looks ? now : undefined;
    });
    const fresh = (await warnings(router)).slice(said);
    said += fresh.length;
    return fresh;
  };
}

const kernelSettings = async (router: Host): Promise<string[]> =>
  (await router.must(['cat', ...settings.map((name) => `/proc/sys/net/ipv4/vs/${name}`)])).trim().split('\n');

const settled = (router: Host, values: string): Promise<string[]> =>
  until(`the settings ${values}`, 15_000, async () => {
    const now = await kernelSettings(router);
    return now.join(' ') === values ? now : undefined;
  });

/** One router, made ill and healed again under a running pulse. */
export async function preflight() {
  const lab = await makeLab(usualSettings);
  try {
    const { r1 } = lab;
    await startWebServers(lab);
    const nextWarnings = watch(r1);
    const before = await kernelSettings(r1);
    await r1.write('/etc/sysconfig/pulse', 'OPTIONS="-v"\n');
    await service(r1, 'start');
    const healthy = await nextWarnings();
    const firstLook = (await looksAt(r1))[0];
    await untilServing(r1, 2, 30_000);
    const standing = await settled(r1, '0 1 1');

    await all(r1, trouble);
    await r1.write(configuration, lvsCf({ ...usualSettings, more }));
    const refused = await r1.run(['lvsctl', 'check']);
    await all(r1, needed);
    await service(r1, 'reload');
    const ill = await nextWarnings();
    const reloaded = await settled(r1, '1 1 2');
    await service(r1, 'reload');
    const illStill = await nextWarnings();
    const checked = (await r1.must(['lvsctl', 'check', '--system'])).split('\n');

    await all(r1, cure);
    await service(r1, 'reload');
    const healed = await nextWarnings();
    await r1.must(['nft', 'flush chain inet lab marks']);
    await service(r1, 'reload');
    const markLost = await nextWarnings();

    await r1.must(['sysctl', '-qw', 'net.ipv4.vs.expire_nodest_conn=0']);
    const repaired = await settled(r1, '1 1 2');
    const lines = (await systemLog(r1)).filter((line) => line.includes('net.ipv4.vs.'));
    return {
      before,
      standing,
      healthy,
      firstLook,
      refused,
      ill,
      checked,
      reloaded,
      illStill,
      healed,
      markLost,
      repaired,
      lines,
    };
  } finally {
    await lab.destroy();
  }
}
