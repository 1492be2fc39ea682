// Many services with many real servers each: their lvs.cf, one router or more, and a host that answers for all servers.
import type { Host } from './host.ts';
import { makeHost } from './host.ts';
import { installSuite } from './lab.ts';
import { makeSwitches, plugIn, removeSwitches, unplug } from './network.ts';
import { startWebServer } from './web-server.ts';

/** One virtual server of many. */
export type ManyService = { readonly name: string; readonly port: number; readonly servers: readonly string[] };

/** All services stand on this address, each on a port of its own. */
export const sharedVip = '10.1.0.100';

/** Every real server has an address of its own and answers here. */
export const serverPort = 80;

const firstPort = 8001;

/** The address of the real server with this number: 10.2.64.1 and on. */
const serverAddress = (number: number): string => `10.2.${64 + Math.floor(number / 250)}.${1 + (number % 250)}`;

/** So many services with so many servers each. */
export const manyServices = (services: number, servers: number): readonly ManyService[] =>
  Array.from({ length: services }, (_, service) => ({
    name: `v${service + 1}`,
    port: firstPort + service,
    servers: Array.from({ length: servers }, (__, server) => serverAddress(service * servers + server)),
  }));

/** So many servers, this many to a service; the last may have fewer. */
export const spreadOver = (each: number, servers: number): readonly ManyService[] =>
  manyServices(Math.ceil(servers / each), each).map((service, index) => ({
    ...service,
    servers: service.servers.slice(0, servers - index * each),
  }));

/** The same services, the first with one server more. */
export function withOneServerMore(services: readonly ManyService[]): readonly ManyService[] {
  const more = serverAddress(services.flatMap((each) => each.servers).length);
  return services.map((each, index) => (index === 0 ? { ...each, servers: [...each.servers, more] } : each));
}

/** How many real servers there are in all. */
export const countServers = (services: readonly ManyService[]): number =>
  services.reduce((count, each) => count + each.servers.length, 0);

/** The services as lvs.cf of a router without partner: servers are checked by connecting, every `interval` seconds. */
export function manyServicesLvsCf(services: readonly ManyService[], interval: number, more = ''): string {
  const blocks = services.map(
    ({ name, port, servers }) => `virtual ${name} {
  active = 1
  address = ${sharedVip} eth0:1
  vip_nmask = 255.255.255.0
  port = ${port}
  scheduler = wlc
  timeout = ${interval}
  reentry = ${interval}
${servers.map(serverBlock).join('')}}
`,
  );
  return `primary = 10.1.0.2
backup_active = 0
network = nat
nat_router = 10.2.0.1 eth1:1
nat_nmask = 255.255.0.0
${more}${blocks.join('')}`;
}

const serverBlock = (address: string, index: number): string => `  server s${index + 1} {
    address = ${address}
    active = 1
    weight = 1
    port = ${serverPort}
  }
`;

/** Machines for many services. */
export type ManyServicesLab = { readonly routers: readonly Host[]; readonly destroy: () => Promise<void> };

/** Wires routers of these names to a host that has every server's address and accepts connections on all of them. */
export async function makeManyServicesLab(...names: readonly string[]): Promise<ManyServicesLab> {
  await installSuite();
  await makeSwitches();
  const routers = await Promise.all(names.map(makeHost));
  const farm = await makeHost('farm');
  for (const [index, router] of routers.entries()) {
    const byte = index + 2;
    await plugIn(router, [
      { net: 'pub', address: `10.1.0.${byte}` },
      { net: 'prv', address: `10.2.0.${byte}` },
    ]);
    await router.must(['sysctl', '-qw', 'net.ipv4.ip_forward=1']);
    await router.must(['ip', 'route', 'add', '10.2.64.0/18', 'via', '10.2.0.20']);
  }
  await plugIn(farm, [{ net: 'prv', address: '10.2.0.20' }]);
  // A thousand servers are asked at once: none may wait for a place in a queue.
  await farm.must(['sysctl', '-qw', 'net.core.somaxconn=8192']);
  await farm.must(['ip', 'route', 'add', 'local', '10.2.64.0/18', 'dev', 'lo']);
  await startWebServer(farm);
  return {
    routers,
    destroy: async () => {
      const hosts = [...routers, farm];
      await Promise.all(hosts.map((host) => host.destroy()));
      for (const host of hosts) await unplug(host.name);
      await removeSwitches();
    },
  };
}
