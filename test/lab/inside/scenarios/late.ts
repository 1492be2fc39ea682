// What comes later than pulse: the router's own address, its private one, and the answer of a name server.
import { until } from '../command.ts';
import type { Host } from '../host.ts';
import { lvsCf, makeLab, usualSettings } from '../lab.ts';
import { service, serversInTable, untilServing } from '../router.ts';
import { statusOf } from '../look.ts';
import { names as hostNames, silenceNames } from '../silent-names.ts';
import { startWebServers } from '../web-server.ts';

const configuration = '/etc/sysconfig/ha/lvs.cf';

/** Four servers, three of whose names hang: what stands before the good one in the file must not hold it up. */
const hanging = (good: string): string =>
  good
    .replace('address = 10.2.0.12', 'address = dead1.example.net')
    .replace('address = 10.2.0.11', `address = ${hostNames.known}`)
    .replace(
      'server s1 {',
      ['dead2', 'dead3'].map((name) => `server ${name} {\naddress = ${name}.example.net\nactive = 1\n}\n`).join('') +
        'server s1 {',
    );

/** Starts while the address is not there, and gives it back. */
async function startWithout(router: Host, device: string, address: string) {
  await router.must(['ip', 'address', 'delete', `${address}/24`, 'dev', device]);
  const started = await service(router, 'start');
  const asked = await router.run(['lvsctl', 'status', '--json']);
  await router.must(['ip', 'address', 'add', `${address}/24`, 'dev', device]);
  return { code: started.code, said: started.stdout, status: JSON.parse(asked.stdout) as { readonly type: string } };
}

/** One router alone. */
export async function late() {
  const lab = await makeLab(usualSettings);
  const { r1 } = lab;
  try {
    await startWebServers(lab);
    const own = await startWithout(r1, 'eth0', '10.1.0.2');
    await untilServing(r1, 2, 30_000);
    await service(r1, 'stop');

    const inner = await startWithout(r1, 'eth1', '10.2.0.2');
    await until('the private channel', 20_000, async () => {
      const status = await statusOf<{ readonly troubles: readonly string[] }>(r1);
      return status?.troubles.every((each) => !each.includes('no heartbeat on'));
    });
    await service(r1, 'stop');

    await silenceNames(r1);
    await r1.write(configuration, hanging(lvsCf(usualSettings)));
    const names = await service(r1, 'start');
    await untilServing(r1, 1, 20_000);
    return { own, inner, names: { code: names.code, servers: await serversInTable(r1) } };
  } finally {
    await lab.destroy();
  }
}
