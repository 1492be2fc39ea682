// Addresses that pulse has not raised, and floating ones that are not where they should be: what becomes of them.
import { nowMs, pause, until } from '../command.ts';
import type { Host } from '../host.ts';
import { systemLog } from '../host.ts';
import type { Lab, Method } from '../lab.ts';
import { makeLab, usualSettings, vip } from '../lab.ts';
import { hasVip, livingServers, statusOf } from '../look.ts';
import { has, sourceTo, standing } from '../own-addresses.ts';
import { service, untilServing } from '../router.ts';
import { startWebServers } from '../web-server.ts';

type Status = {
  readonly pair: { readonly alarm: string | null };
  readonly addresses: readonly { readonly address: string; readonly on: readonly string[] }[];
};

const alarm = async (host: Host): Promise<string> => (await statusOf<Status>(host))?.pair.alarm ?? '';

/** pulse puts the floating address back before the network's own script comes to its address. */
async function restartNetwork(router: Host, device: string, floating: string, own: string): Promise<void> {
  await router.must(['ip', 'address', 'flush', 'dev', device, 'scope', 'global']);
  await until('the floating address to be put back', 10_000, () => has(router, device, floating));
  await router.must(['ip', 'address', 'add', `${own}/24`, 'dev', device]);
}

/** From check to check (ms): after two of them every server has been judged anew. */
const twoChecks = 5000;

async function afterRestart({ settings, r1 }: Lab) {
  const nat = settings.network === 'nat';
  await restartNetwork(r1, 'eth0', vip, '10.1.0.2');
  if (nat) await restartNetwork(r1, 'eth1', '10.2.0.1', '10.2.0.2');
  const began = nowMs();
  const [device, server, own] = nat ? ['eth1', '10.2.0.11', '10.2.0.2'] : ['eth0', '10.1.0.11', '10.1.0.2'];
  await until('checks to begin from the own address', 10_000, async () => (await sourceTo(r1, server)) === own);
  const repairedMs = nowMs() - began;
  const order = (await standing(r1, device)).map(({ local }) => local);
  await pause(twoChecks);
  return { repairedMs, order, own, living: livingServers(r1), owner: hasVip(r1) };
}

/** Somebody adds the virtual address to the standby: under the name of the device, then as pulse does. */
async function onStandby({ r1, r2 }: Lab) {
  await r2.must(['ip', 'address', 'add', `${vip}/32`, 'dev', 'eth0']);
  await until('an alarm on the standby', 10_000, async () => (await alarm(r2)).includes(vip));
  await until('an alarm on the owner', 10_000, async () => (await alarm(r1)).includes(vip));
  const alarms = { standby: await alarm(r2), owner: await alarm(r1) };
  await r2.must(['ip', 'address', 'delete', `${vip}/32`, 'dev', 'eth0']);
  await until('no alarm any more', 10_000, async () => (await alarm(r1)) === '' && (await alarm(r2)) === '');
  const words = [`${vip}/24`, 'broadcast', '10.1.0.255', 'dev', 'eth0', 'label', 'eth0:1'];
  await r2.must(['ip', 'address', 'add', ...words]);
  await until('the standby to take it down', 10_000, () => !hasVip(r2));
  return alarms;
}

/** The owner is stopped while its own address follows the virtual one. */
async function stopAfterRestart({ r1, r2 }: Lab) {
  await restartNetwork(r1, 'eth0', vip, '10.1.0.2');
  await service(r1, 'stop');
  await until('the other router to serve', 20_000, () => hasVip(r2));
  return { own: await has(r1, 'eth0', '10.1.0.2'), floating: hasVip(r1) };
}

/** The interface of the owner gets another name, and the service ends. */
async function renamed(router: Host) {
  const name = (from: string, to: string): Promise<string> =>
    router.must(['ip', '-batch', '-'], `link set ${from} down\nlink set ${from} name ${to}\nlink set ${to} up\n`);
  await name('eth0', 'wan0');
  const where = async (): Promise<readonly string[]> =>
    (await statusOf<Status>(router))?.addresses.find(({ address }) => address === vip)?.on ?? [];
  await until('status to say where it is', 10_000, async () => (await where()).join() === 'wan0');
  await service(router, 'stop');
  const left = hasVip(router);
  await name('wan0', 'eth0');
  return { left };
}

/** A floating address that stood before pulse came. */
async function permanent(router: Host) {
  await router.must(['ip', 'address', 'add', `${vip}/24`, 'dev', 'eth0']);
  await service(router, 'start');
  await untilServing(router, 2, 60_000);
  await until(
    'the router to be active',
    30_000,
    async () => (await statusOf<{ state: string }>(router))?.state === 'active',
  );
  const log = (await systemLog(router)).filter((line) => line.includes('it is used as it is'));
  await service(router, 'stop');
  const label = (await standing(router, 'eth0')).find(({ local }) => local === vip)?.label;
  return { log, label };
}

/** The router's own network is wider than the mask of the virtual address, and then it is not. */
async function wider(router: Host) {
  const change = async (from: number, to: number): Promise<void> => {
    await router.must(['ip', 'address', 'delete', `10.1.0.2/${from}`, 'dev', 'eth0']);
    await router.must(['ip', 'address', 'add', `10.1.0.2/${to}`, 'dev', 'eth0']);
  };
  const routeless = async (): Promise<boolean> => {
    const shown = await router.must(['ip', '-j', 'address', 'show', 'dev', 'eth0']);
    const [device] = JSON.parse(shown) as { addr_info: { local: string; noprefixroute?: boolean }[] }[];
    return device?.addr_info.some(({ local, noprefixroute }) => local === vip && noprefixroute === true) ?? false;
  };
  await change(24, 16);
  await service(router, 'start');
  await untilServing(router, 2, 60_000);
  const source = await sourceTo(router, '10.1.0.11');
  await change(16, 24);
  await until('the virtual address to have its route', 10_000, async () => !(await routeless()));
  await change(24, 16);
  await until('the virtual address to be without its route', 10_000, async () => await routeless());
  const again = await sourceTo(router, '10.1.0.11');
  const had = hasVip(router);
  await service(router, 'stop');
  await change(16, 24);
  return { source, again, had };
}

export async function foreign(network: Method, hotStandby: boolean) {
  const lab = await makeLab({ ...usualSettings, network, hotStandby });
  try {
    const { r1, r2 } = lab;
    await startWebServers(lab);
    await service(r1, 'start');
    await untilServing(r1, 2, 60_000);
    await service(r2, 'start');
    await until(
      'the owner to hear the standby',
      30_000,
      async () => (await statusOf<{ partner: { said: string } }>(r1))?.partner.said === 'stopped',
    );
    const restarted = await afterRestart(lab);
    const standby = await onStandby(lab);
    const stopped = await stopAfterRestart(lab);
    const moved = await renamed(r2);
    const before = await permanent(r1);
    await r1.must(['ip', 'address', 'delete', `${vip}/24`, 'dev', 'eth0']);
    return { restarted, standby, stopped, renamed: moved, permanent: before, wider: await wider(r1) };
  } finally {
    await lab.destroy();
  }
}
