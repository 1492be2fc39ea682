// One router, two servers behind it (nat), two beside it (direct, tunnel), one client; all of them with both IP versions.
import { must, until } from './command.ts';
import type { Host } from './host.ts';
import { makeHost } from './host.ts';
import { installSuite, responderProgram } from './lab.ts';
import { makeSwitches, plugIn, removeSwitches, unplug } from './network.ts';
import type { Page } from './page.ts';
import { startWebServer } from './web-server.ts';

/** The machines, set up as docs/real-servers.md says; nothing of the suite runs yet. */
export type TrafficLab = {
  readonly client: Host;
  readonly r1: Host;
  /** Behind the router: 10.2.0.11, 10.2.0.12. */
  readonly behind: readonly [Host, Host];
  /** In the public network: 10.1.0.21, 10.1.0.22. */
  readonly beside: readonly [Host, Host];
  readonly destroy: () => Promise<void>;
};

/** The client comes from several addresses, so that it is several clients. */
export const clients = [10, 11, 12, 13] as const;

/** Makes the machines, runs the page's commands on them, and starts all services of the real servers. */
export async function makeTrafficLab(page: Page): Promise<TrafficLab> {
  await installSuite();
  await makeSwitches();
  const [client, r1, n1, n2, d1, d2] = await Promise.all([
    makeHost('client'),
    makeHost('r1'),
    makeHost('n1'),
    makeHost('n2'),
    makeHost('d1'),
    makeHost('d2'),
  ]);
  const lab: TrafficLab = {
    ...{ client, r1, behind: [n1, n2], beside: [d1, d2] },
    destroy: async () => {
      const hosts = [client, r1, n1, n2, d1, d2];
      await Promise.all(hosts.map((host) => host.destroy()));
      for (const host of hosts) await unplug(host.name);
      await removeSwitches();
    },
  };
  await Promise.all([
    setUpClient(client),
    setUpRouter(r1, page),
    ...lab.behind.map((host, index) => setUpBehind(host, 11 + index, page)),
    ...lab.beside.map((host, index) => setUpBeside(host, 21 + index, page)),
  ]);
  return lab;
}

async function setUpClient(client: Host): Promise<void> {
  const [first, ...others] = clients;
  await plugIn(client, [{ net: 'pub', address: `10.1.0.${first}`, ipv6: `2001:db8:1::${first}` }]);
  const more = others.flatMap((byte) => [
    `address add 10.1.0.${byte}/24 dev eth0`,
    `address add 2001:db8:1::${byte}/64 dev eth0 nodad`,
  ]);
  await client.must(['ip', '-batch', '-'], more.join('\n'));
}

async function setUpRouter(router: Host, page: Page): Promise<void> {
  await plugIn(router, [
    { net: 'pub', address: '10.1.0.2', ipv6: '2001:db8:1::2' },
    { net: 'prv', address: '10.2.0.2', ipv6: '2001:db8:2::2' },
  ]);
  await ownFolders(router);
  await page.run('nat, on each router', router);
  await page.run('firewall marks, on each router', router);
}

/** The lab's hosts share the files of the machine: these folders are each one's own. Strict `rp_filter`, as often found. */
async function ownFolders(host: Host): Promise<void> {
  for (const folder of ['/etc/sysctl.d', '/etc/modules-load.d'])
    await host.must(['mount', '-t', 'tmpfs', 'tmpfs', folder]);
  await host.must(['sysctl', '-qw', 'net.ipv4.conf.all.rp_filter=1', 'net.ipv4.conf.default.rp_filter=1']);
}

async function setUpBehind(server: Host, byte: number, page: Page): Promise<void> {
  await plugIn(server, [{ net: 'prv', address: `10.2.0.${byte}`, ipv6: `2001:db8:2::${byte}` }]);
  await ownFolders(server);
  await page.run('nat, on each real server', server);
  await page.run('nat with IPv6, on each real server', server);
  await startWebServer(server, [80, 443, 8080]);
  await startResponder(server, `10.2.0.${byte}`, `2001:db8:2::${byte}`);
}

async function setUpBeside(server: Host, byte: number, page: Page): Promise<void> {
  await plugIn(server, [{ net: 'pub', address: `10.1.0.${byte}`, ipv6: `2001:db8:1::${byte}` }]);
  await ownFolders(server);
  for (const name of ['direct', 'direct with IPv6', 'tunnel', 'tunnel with IPv6', 'tunnel, segments']) {
    await page.run(`${name}, on each real server`, server);
  }
  // For what is no part of the page: one-packet scheduling, and a service with every method.
  await server.must(['ip', 'address', 'add', '10.1.0.105/32', 'dev', 'lo']);
  await server.must(['ip', 'address', 'add', '10.1.0.108/32', 'dev', byte === 21 ? 'lo' : 'tunl0']);
  await startWebServer(server);
  await startResponder(server, `10.1.0.${byte}`, '10.1.0.105');
}

/** FTP on all addresses, UDP on the named ones. */
async function startResponder(server: Host, ...addresses: readonly string[]): Promise<void> {
  let ready = false;
  server.start([process.execPath, '--jitless', responderProgram, ...addresses], (line) => {
    if (line === 'ready') ready = true;
    else if (!line.includes('expose_wasm') && !line.includes('--trace-warnings')) {
      process.stderr.write(`responder on ${server.name}: ${line}\n`);
    }
  });
  await until(`the responder on ${server.name}`, 15_000, () => ready);
}

/** Whether the kernel has the module for FTP. */
export const ftpModuleLoaded = async (): Promise<boolean> =>
  (await must(['cat', '/proc/modules'])).split('\n').some((line) => line.startsWith('ip_vs_ftp '));
