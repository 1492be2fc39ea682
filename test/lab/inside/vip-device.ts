// A second virtual address on an interface of its own, which has neither of the router's addresses, on both routers.
import { until } from './command.ts';
import type { Host } from './host.ts';
import type { PairSettings } from './lab.ts';
import { lvsCf } from './lab.ts';
import { addressesOn, service } from './router.ts';

/** The interface, and what its cable leads to. */
const [device, farEnd] = ['eth5', 'eth5-end'];
const deviceAddress = '10.5.0.100';

const file = '/etc/sysconfig/ha/lvs.cf';

const secondService = `virtual elsewhere {
  active = 1
  address = ${deviceAddress} ${device}:1
  vip_nmask = 255.255.255.0
  port = 80
  send = "GET / HTTP/1.0\\r\\n\\r\\n"
  expect = "HTTP/1.1 200"
  server s1 {
    address = 10.2.0.11
    active = 1
  }
}
`;

async function reload(router: Host, text: string): Promise<void> {
  await router.write(file, text);
  const { code, stderr } = await service(router, 'reload');
  if (code !== 0) throw new Error(`${router.name}: reload: status ${code}: ${stderr}`);
}

/** Whether the second address stands on this router. */
export const hasDeviceAddress = async (router: Host): Promise<boolean> =>
  (await addressesOn(router, device)).some(({ local }) => local === deviceAddress);

/** Both routers get the interface and the file; ready when the owner has the address. */
export async function addVipDevice(routers: readonly Host[], owner: Host, settings: PairSettings): Promise<void> {
  for (const router of routers) {
    await router.must(['ip', 'link', 'add', device, 'type', 'veth', 'peer', 'name', farEnd]);
    // The far end is on the same machine, which would answer there for all of its addresses.
    await router.must(['ip', 'link', 'set', farEnd, 'arp', 'off', 'up']);
    await router.must(['ip', 'link', 'set', device, 'up']);
  }
  await Promise.all(routers.map((router) => reload(router, lvsCf(settings) + secondService)));
  await until(`${owner.name} to have ${deviceAddress}`, 20_000, () => hasDeviceAddress(owner));
}

/** The cable of the interface, out or in. */
export const setVipCable = (router: Host, state: 'up' | 'down'): Promise<string> =>
  router.must(['ip', 'link', 'set', farEnd, state]);

/** The file is as before, and the interfaces are gone. */
export async function removeVipDevice(routers: readonly Host[], settings: PairSettings): Promise<void> {
  await Promise.all(routers.map((router) => reload(router, lvsCf(settings))));
  for (const router of routers) await router.must(['ip', 'link', 'delete', device]);
}
