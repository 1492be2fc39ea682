// A hundred services with ten servers each, checked by four nannies: batches of the start, memory, nannies that are killed,
// and reloads that change nothing.
import { nowMs, pause, until } from '../command.ts';
import { systemLog } from '../host.ts';
import type { Host } from '../host.ts';
import type { ManyService } from '../many-services.ts';
import { countServers, makeManyServicesLab, manyServices, manyServicesLvsCf } from '../many-services.ts';
import { forgetRuns, placeRecordingIpvsadm, recordedRuns, recordingLine } from '../recording-ipvsadm.ts';
import { ipvsTable, service } from '../router.ts';

const configuration = '/etc/sysconfig/ha/lvs.cf';
/** Seconds between two checks: only the first ones are to be seen. */
const interval = 120;

/** Each process takes a while to start in an emulated guest, and their number does not matter here. */
const fewNannies = 'max_nannies = 4\n';

const configure = (router: Host, services: readonly ManyService[]): Promise<void> =>
  router.write(configuration, manyServicesLvsCf(services, interval, recordingLine + fewNannies));

const reversed = (services: readonly ManyService[]): readonly ManyService[] =>
  services.map((each) => ({ ...each, servers: each.servers.toReversed() })).toReversed();

/** Every fifth service under another name. */
const renamed = (services: readonly ManyService[]): readonly ManyService[] =>
  services.map((each, index) => (index % 5 === 0 ? { ...each, name: `renamed-${each.name}` } : each));

/** Reloads, and waits until pulse has read the file. */
async function reload(router: Host, services: readonly ManyService[]): Promise<number> {
  const readings = async (): Promise<number> =>
    (await systemLog(router)).filter((line) => line.includes('rereading configuration file')).length;
  const before = await readings();
  await configure(router, services);
  const { code } = await service(router, 'reload');
  await until('the reload', 20_000, async () => (await readings()) > before);
  // The file is read right after that line.
  await pause(1000);
  return code;
}

/** Of all processes of a host; what several share counts once (PSS). */
async function memory(router: Host): Promise<number> {
  const parts = await router.must(['sh', '-c', 'cat /proc/[0-9]*/smaps_rollup']);
  return [...parts.matchAll(/^Pss:\s+(\d+) kB$/gm)].reduce((sum, [, kb]) => sum + Number(kb), 0) / 1024;
}

const nannies = async (router: Host): Promise<readonly string[]> =>
  (await router.must(['pgrep', '-x', 'nanny'])).split('\n').filter((line) => line !== '');

/** kill -9 of each nanny in turn, once the one before has been replaced. */
async function killNannies(router: Host) {
  const first = await nannies(router);
  for (const pid of first) {
    await router.must(['kill', '-KILL', pid]);
    await until(`another nanny than ${pid}`, 120_000, async () => {
      const now = await nannies(router);
      return now.length === first.length && !now.includes(pid);
    });
  }
  const given = (await recordedRuns(router)).flat();
  return { count: first.length, given, servers: entries(await ipvsTable(router), '-a') };
}

/** A server whose packets are refused, and the check that an administrator asks for: a nanny of the second life makes it. */
async function loseServer(router: Host, services: readonly ManyService[]): Promise<string[]> {
  const [service, server] = [services.at(-1), services.at(-1)?.servers[0]];
  if (service === undefined || server === undefined) throw new Error('no service');
  await forgetRuns(router);
  await router.must(['nft', 'add table ip refuse']);
  await router.must(['nft', 'add chain ip refuse out { type filter hook output priority 0; }']);
  await router.must(['nft', `add rule ip refuse out ip daddr ${server} reject with tcp reset`]);
  await router.must(['lvsctl', 'force', 'auto', service.name, 's1']);
  return until('the lost server out', 20_000, async () => {
    const given = (await recordedRuns(router)).flat();
    return given.length > 0 ? given : undefined;
  });
}

const entries = (lines: readonly string[], start: string): number =>
  lines.filter((line) => line.startsWith(start)).length;

/** What ipvsadm was given from an empty table to a full one, and by reloads. */
export async function scale() {
  const lab = await makeManyServicesLab('many');
  try {
    const [router] = lab.routers as [Host];
    const fleet = manyServices(100, 10);
    await placeRecordingIpvsadm(router);
    await configure(router, fleet);
    const began = nowMs();
    const start = (await service(router, 'start')).code;
    const table = await until('every server in the table', 120_000, async () => {
      const lines = await ipvsTable(router);
      if (entries(lines, '-a') === countServers(fleet)) return lines;
      await pause(500);
      return undefined;
    });
    const full = { services: entries(table, '-A'), servers: entries(table, '-a'), afterMs: nowMs() - began };
    const batches = (await recordedRuns(router)).map((lines) => lines.length).filter((count) => count > 0);

    const memoryInMb = await memory(router);
    await forgetRuns(router);
    const killed = await killNannies(router);
    const unchanged = [await reload(router, fleet), await reload(router, renamed(reversed(fleet)))];
    // Reloads are obeyed in order: once this one has had its effect, so have those before it.
    const [first, ...others] = fleet as [ManyService, ...ManyService[]];
    const fewer = [{ ...first, servers: first.servers.slice(1) }, ...others];
    const changed = await reload(router, fewer);
    const lines = await until('the last reload', 30_000, async () => {
      const given = (await recordedRuns(router)).flat();
      return given.length > 0 ? given : undefined;
    });
    const noticed = await loseServer(router, others);
    return { start, full, batches, memoryInMb, killed, noticed, reloads: [...unchanged, changed], lines };
  } finally {
    await lab.destroy();
  }
}
