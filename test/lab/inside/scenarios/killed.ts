// Parts of a running router are killed; a program under it misbehaves.
import { failed, startTraffic } from '../client.ts';
import { nowMs, pause, until } from '../command.ts';
import type { Host } from '../host.ts';
import { processesOf } from '../host.ts';
import { makeLab, usualSettings, vip } from '../lab.ts';
import { hasVip } from '../look.ts';
import { ipvsTable, untilServing } from '../router.ts';
import { startWebServers } from '../web-server.ts';

/** The real ipvsadm, but every 3rd call is killed in the middle. */
const dyingIpvsadm = `#!/bin/sh
count=$(cat /run/ipvsadm-count 2>/dev/null || echo 0)
echo $((count + 1)) >/run/ipvsadm-count
if [ $((count % 3)) = 1 ]; then kill -KILL $$; fi
exec ipvsadm "$@"
`;

const pidsOf = async (host: Host, name: string): Promise<string[]> =>
  (await host.run(['pgrep', '-x', name])).stdout.split('\n').filter((line) => line !== '');

/** Kills every process of a name on a host, and waits until others are there. */
async function killAndWait(host: Host, name: string): Promise<{ killed: number; back: number }> {
  const old = await pidsOf(host, name);
  await host.must(['kill', '-KILL', ...old]);
  const fresh = await until(`${name} again on ${host.name}`, 15_000, async () => {
    const now = await pidsOf(host, name);
    return now.length === old.length && now.every((pid) => !old.includes(pid)) ? now : undefined;
  });
  return { killed: old.length, back: fresh.length };
}

/** kill -9 of nannies, of send_arp, of lvs and of ipvsadm while requests go on; last of pulse itself. */
export async function killed() {
  const lab = await makeLab({ ...usualSettings, more: 'ipvsadm = /run/ipvsadm\n' });
  try {
    const { r1, r2, client } = lab;
    await startWebServers(lab);
    const lines: string[] = [];
    for (const router of [r1, r2]) {
      await router.write('/run/ipvsadm', dyingIpvsadm);
      await router.must(['chmod', '+x', '/run/ipvsadm']);
      router.start(['pulse', '-n'], (line) => lines.push(`${router.name} ${line}`));
    }
    await untilServing(r1, 2, 40_000).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${lines.join('\n')}`);
    });
    const traffic = startTraffic(client, vip);
    await traffic.answeredAfter(0, 10_000);
    const since = nowMs();
    const parts: Record<string, { killed: number; back: number; failed: number; table: string[]; owner: boolean }> = {};
    for (const name of ['nanny', 'send_arp', 'lvsd']) {
      const begun = nowMs();
      const counts = await killAndWait(r1, name);
      await pause(2500);
      const failures = failed(traffic.since(begun)).length;
      parts[name] = { ...counts, failed: failures, table: await ipvsTable(r1), owner: hasVip(r1) };
    }
    const failedBefore = failed(traffic.since(since)).length;

    await r1.must(['pkill', '-KILL', '-x', 'pulse']);
    await until('r1 without the address', 10_000, () => !hasVip(r1));
    await until('r2 to take over', 15_000, () => hasVip(r2));
    await until('nothing of the suite on r1', 15_000, async () => (await processesOf(r1)).length === 0);
    const afterPulse = { table: await ipvsTable(r1), answered: (await traffic.answeredAfter(nowMs(), 10_000)).outcome };
    await traffic.stop();
    return { parts, failedBefore, afterPulse, lines };
  } finally {
    await lab.destroy();
  }
}
