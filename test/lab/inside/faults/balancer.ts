// ipvsadm fails or hangs, somebody clears the table or deletes addresses.
import { until } from '../command.ts';
import type { Host } from '../host.ts';
import { systemLog } from '../host.ts';
import { vip } from '../lab.ts';
import { nothing } from './row.ts';
import type { FaultRow } from './row.ts';

const broken = '/run/broken-ipvsadm';

/** Puts another program in the place of ipvsadm, on this host alone. */
async function replaceIpvsadm(host: Host, script: string): Promise<void> {
  await host.write(broken, `#!/bin/sh\n${script}\n`);
  await host.must(['chmod', '755', broken]);
  await host.must(['mount', '--bind', broken, '/usr/sbin/ipvsadm']);
}
const putBackIpvsadm = (host: Host): Promise<string> => host.must(['umount', '-l', '/usr/sbin/ipvsadm']);

/** A server dies while ipvsadm is of no use. The one that waits for the next change was started before and still works. */
const withoutIpvsadm = (what: string, script: string, says: RegExp): FaultRow => ({
  name: `ipvsadm ${what} on the owner, and a server dies`,
  deed: async ({ owner, stopServer }) => {
    await replaceIpvsadm(owner, script);
    await stopServer('s2');
    await until('the owner to notice', 20_000, async () => (await systemLog(owner)).some((line) => says.test(line)));
  },
  observeMs: 2000,
  undo: async ({ owner, startServer }) => {
    await putBackIpvsadm(owner);
    await startServer('s2');
  },
  expect: { owner: 'either', outageAtMost: 3000, overlapAtMost: 0 },
  says,
  keepalived: 'it does without ipvsadm',
});

export const balancer: readonly FaultRow[] = [
  {
    name: 'table of the owner cleared',
    deed: ({ owner }) => owner.must(['ipvsadm', '-C']),
    observeMs: 5000,
    undo: nothing,
    expect: { owner: 'same', outageAtMost: 6500, overlapAtMost: 0 },
    says: /somebody else changed the IPVS table: repairing it/,
    keepalived: 'it never looks at the table again',
  },
  {
    name: 'virtual address of the owner deleted',
    deed: ({ owner }) => owner.must(['ip', 'address', 'delete', `${vip}/24`, 'dev', 'eth0']),
    observeMs: 2000,
    undo: nothing,
    expect: { owner: 'same', outageAtMost: 1500, overlapAtMost: 0 },
    says: /put back: .*10\.1\.0\.100/,
    keepalived: true,
  },
  {
    name: "the real servers' gateway address deleted",
    deed: ({ owner }) => owner.must(['ip', 'address', 'delete', '10.2.0.1/24', 'dev', 'eth1']),
    observeMs: 2000,
    undo: nothing,
    expect: { owner: 'same', outageAtMost: 1500, overlapAtMost: 0 },
    says: /put back: .*10\.2\.0\.1/,
    keepalived: true,
  },
  withoutIpvsadm(
    'fails',
    'echo "Memory allocation problem" >&2; exit 1',
    /ipvsadm failed|the IPVS table (could|can) not be/,
  ),
  withoutIpvsadm('hangs', 'exec sleep 600', /ipvsadm failed|the IPVS table (could|can) not be/),
];
