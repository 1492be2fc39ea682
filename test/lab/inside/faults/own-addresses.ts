// The owner's own addresses go and come back. With watched links that is a reason to hand over.
import { pause, until } from '../command.ts';
import type { Host } from '../host.ts';
import type { Method } from '../lab.ts';
import { hasVip, livingServers } from '../look.ts';
import { has, sourceTo } from '../own-addresses.ts';
import { lastByte } from './heartbeat-files.ts';
import type { FaultRow } from './row.ts';
import type { Stage } from './stage.ts';

const devices = ['eth0', 'eth1'] as const;

const ownOn = (router: Host, device: (typeof devices)[number]): string =>
  `10.${device === 'eth0' ? 1 : 2}.0.${lastByte(router)}`;

const put = (router: Host, device: (typeof devices)[number]): Promise<string> =>
  router.must(['ip', 'address', 'replace', `${ownOn(router, device)}/24`, 'dev', device]);

/** Long enough for pulse to notice what is gone, and short beside deadtime (ms): an ifup script takes as long. */
const withoutAddresses = 800;

/** All of them at once, and at once again: programs take their time to start in the guest, and after deadtime the other takes over. */
async function restartNetwork({ owner }: Stage): Promise<void> {
  const batch = (line: (device: (typeof devices)[number]) => string): Promise<string> =>
    owner.must(['ip', '-batch', '-'], devices.map((device) => `${line(device)}\n`).join(''));
  await batch((device) => `address flush dev ${device} scope global`);
  await pause(withoutAddresses);
  await batch((device) => `address replace ${ownOn(owner, device)}/24 dev ${device}`);
}

/** The own addresses stand, checks begin from them, and whoever has the virtual address has every server. */
async function mustBeWhole({ owner, standby }: Stage, network: Method): Promise<void> {
  for (const device of devices) {
    await put(owner, device);
    const own = ownOn(owner, device);
    if (!(await has(owner, device, own))) throw new Error(`${owner.name} has lost ${own}`);
  }
  const [device, server] = network === 'nat' ? (['eth1', '10.2.0.11'] as const) : (['eth0', '10.1.0.11'] as const);
  const source = ownOn(owner, device);
  await until(
    `checks of ${owner.name} to begin from ${source}`,
    10_000,
    async () => (await sourceTo(owner, server)) === source,
  );
  await until('every server to be in the table', 10_000, () =>
    [owner, standby].some((router) => hasVip(router) && livingServers(router) === 2),
  );
}

const networkRestarted = (network: Method): FaultRow => ({
  name: `network of the owner restarted, ${network}`,
  network,
  deed: restartNetwork,
  observeMs: 4000,
  undo: (stage) => mustBeWhole(stage, network),
  expect: { owner: 'either', outageAtMost: 4500, overlapAtMost: 0 },
  says: /the public link is down|put back: .*10\.1\.0\.100/,
  keepalived: 'not tried with it',
});

export const ownAddresses: readonly FaultRow[] = [
  networkRestarted('nat'),
  networkRestarted('direct'),
  {
    name: 'own public address of the owner lost',
    deed: ({ owner }) => owner.must(['ip', 'address', 'delete', `${ownOn(owner, 'eth0')}/24`, 'dev', 'eth0']),
    observeMs: 4000,
    undo: (stage) => mustBeWhole(stage, 'nat'),
    expect: { owner: 'other', outageAtMost: 1500, overlapAtMost: 0 },
    says: /the public link is down/,
    keepalived: 'not tried with it',
  },
];
