// A kernel without IPVS: said plainly, and nobody takes the addresses. Has to run before anything uses IPVS.
import { must, pause, run } from '../command.ts';
import { makeLab, usualSettings } from '../lab.ts';
import { hasVip } from '../look.ts';
import { startWebServers } from '../web-server.ts';

/** Unloads IPVS and keeps it from being loaded; the address must stay down until it can be. */
export async function withoutIpvs() {
  await run(['modprobe', '-r', 'ip_vs_wrr', 'ip_vs_rr', 'ip_vs']);
  await must([
    'sh',
    '-c',
    'mkdir -p /etc/modprobe.d && echo "install ip_vs /bin/false" >/etc/modprobe.d/no-ip-vs.conf',
  ]);
  const lab = await makeLab(usualSettings);
  try {
    await startWebServers(lab);
    const lines: string[] = [];
    const pulse = lab.r1.start(['pulse', '-n'], (line) => lines.push(line));
    await pause(9000);
    const without = { vip: hasVip(lab.r1), module: (await run(['test', '-e', '/proc/net/ip_vs'])).code === 0 };
    await pulse.stop();
    return { without, lines };
  } finally {
    await must(['rm', '/etc/modprobe.d/no-ip-vs.conf']);
    await must(['modprobe', 'ip_vs']);
    await lab.destroy();
  }
}
