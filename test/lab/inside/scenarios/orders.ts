// One server drained, forced and signalled while requests and a download go on; nannies that hang or are killed.
import { failed, shares, startTraffic } from '../client.ts';
import { nowMs, until } from '../command.ts';
import { startDownload } from '../download.ts';
import { systemLog } from '../host.ts';
import type { Host } from '../host.ts';
import { makeLab, usualSettings, vip } from '../lab.ts';
import type { Lab } from '../lab.ts';
import { serversInTable, service, untilServing } from '../router.ts';
import { startWebServer, startWebServers } from '../web-server.ts';

type Weights = Readonly<Record<string, number>>;

const [one, two] = ['10.2.0.11:80', '10.2.0.12:80'] as const;

const lvsctl = (router: Host, ...words: readonly string[]) => router.run(['lvsctl', ...words]);

/** The servers' states as `lvsctl status` shows them. */
async function states(router: Host): Promise<readonly string[]> {
  const lines = (await router.must(['lvsctl', 'status'])).split('\n').filter((line) => /^ {2}s\d /.test(line));
  return lines.map((line) => line.trim().split(/ {2,}/).slice(0, 3).join(' '));
}

const untilTable = (router: Host, what: string, holds: (weights: Weights) => boolean): Promise<Weights> =>
  until(what, 20_000, async () => {
    const weights = await serversInTable(router);
    return holds(weights) ? weights : undefined;
  });

const untilState = (router: Host, state: string): Promise<readonly string[]> =>
  until(state, 20_000, async () => {
    const all = await states(router);
    return all.includes(state) ? all : undefined;
  });

/** Pid of the nanny of a server, from the line that lvs logs when it starts one. */
async function nannyOf(router: Host, server: string): Promise<string> {
  const log = (await systemLog(router)).join('\n');
  const pid = [...log.matchAll(new RegExp(`create_monitor for web/${server} running as pid (\\d+)`, 'g'))].at(-1)?.[1];
  if (pid === undefined) throw new Error(`no nanny of ${server}: ${log}`);
  return pid;
}

/** Nothing else is done: only its table and what it says are looked at. */
async function drainUnderDownload(lab: Lab) {
  const { r1, client } = lab;
  await lvsctl(r1, 'force', 'down', 'web', 's2');
  await untilTable(r1, 's2 out', (weights) => !(two in weights));
  const download = await startDownload(lab);
  await lvsctl(r1, 'force', 'auto', 'web', 's2');
  await untilTable(r1, 's2 back', (weights) => two in weights);
  const order = await lvsctl(r1, 'drain', 'web', 's1');
  const draining = await untilTable(r1, 's1 without weight', (weights) => weights[one] === 0);
  const shown = await states(r1);
  const traffic = startTraffic(client, vip);
  const since = nowMs();
  await service(r1, 'reload');
  await r1.must(['sh', '-c', 'kill -KILL "$(cat /run/lvs.pid)"']);
  await until('lvs again', 20_000, async () =>
    (await states(r1).catch((): string[] => [])).includes('s2 10.2.0.12:80 up'),
  );
  const afterDeath = await serversInTable(r1);
  const goesOn = await download.goesOn();
  const newOnes = shares(traffic.since(since));
  const failures = failed(traffic.since(since)).length;
  await traffic.stop();
  // A reset: after an orderly end the kernel would remember the connection for two minutes.
  await client.must(['ss', '-K', 'dst', vip]);
  const ended = await download.stop();
  const drained = await untilTable(r1, 's1 out', (weights) => !(one in weights));
  const shownDrained = await states(r1);
  await service(r1, 'restart');
  await untilServing(r1, 1, 30_000);
  const afterRestart = { weights: await serversInTable(r1), states: await states(r1) };
  const undrain = await lvsctl(r1, 'undrain', 'web', 's1');
  const back = await untilTable(r1, 's1 back', (weights) => (weights[one] ?? 0) > 0);
  return {
    ...{ order, draining, shown, afterDeath, goesOn, newOnes, failures, ended, drained, shownDrained, afterRestart },
    ...{ undrain, back },
  };
}

async function drainWithLimit({ r1, client }: Lab) {
  const held = [1, 2, 3].map(() => client.start(['sh', '-c', `sleep 60 | busybox nc ${vip} 80`]));
  await until('connections', 15_000, async () =>
    /10\.2\.0\.11:80 +Masq +\d+ +[1-9]/.test(await r1.must(['ipvsadm', '-Ln'])),
  );
  const began = nowMs();
  await lvsctl(r1, 'drain', 'web', 's1', '--timeout', '3');
  await untilTable(r1, 's1 without weight', (weights) => weights[one] === 0);
  await untilTable(r1, 's1 out', (weights) => !(one in weights));
  const took = nowMs() - began;
  await Promise.all(held.map((each) => each.stop('SIGKILL')));
  await lvsctl(r1, 'undrain', 'web', 's1');
  await untilTable(r1, 's1 back', (weights) => one in weights);
  return took;
}

async function forceIt({ r1, s1 }: Lab, stopServer: () => Promise<void>) {
  await lvsctl(r1, 'force', 'down', 'web', 's1');
  const down = { weights: await untilTable(r1, 's1 out', (weights) => !(one in weights)), states: await states(r1) };
  await lvsctl(r1, 'force', 'auto', 'web', 's1');
  await untilTable(r1, 's1 back', (weights) => one in weights);
  await stopServer();
  await untilTable(r1, 's1 found dead', (weights) => !(one in weights));
  await lvsctl(r1, 'force', 'up', 'web', 's1');
  const up = { weights: await untilTable(r1, 's1 in by force', (weights) => one in weights), states: await states(r1) };
  await lvsctl(r1, 'force', 'auto', 'web', 's1');
  await untilTable(r1, 's1 out again', (weights) => !(one in weights));
  await startWebServer(s1);
  await untilTable(r1, 's1 well again', (weights) => one in weights);
  const unknown = await lvsctl(r1, 'force', 'down', 'web', 's9');
  return { down, up, unknown };
}

async function signalNanny(r1: Host) {
  await r1.must(['kill', '-USR1', await nannyOf(r1, 's1')]);
  const usr1 = await untilState(r1, 's1 10.2.0.11:80 up, forced down');
  const weights = await untilTable(r1, 's1 out', (now) => !(one in now));
  await r1.must(['kill', '-USR2', await nannyOf(r1, 's1')]);
  const usr2 = await untilState(r1, 's1 10.2.0.11:80 up, forced up');
  await r1.must(['kill', '-HUP', await nannyOf(r1, 's1')]);
  const hup = await untilState(r1, 's1 10.2.0.11:80 up');
  return { usr1, weights, usr2, hup };
}

/** A nanny that hangs is replaced, and the new one does its work. */
async function hangNanny({ r1 }: Lab, stopServer: () => Promise<void>) {
  const pid = await nannyOf(r1, 's2');
  await r1.must(['kill', '-STOP', pid]);
  const began = nowMs();
  await until('another nanny', 30_000, async () => (await nannyOf(r1, 's2')) !== pid);
  const took = nowMs() - began;
  const kept = await serversInTable(r1);
  await stopServer();
  const noticed = await untilTable(r1, 's2 found dead', (weights) => !(two in weights));
  return { took, kept, noticed, gone: (await r1.run(['kill', '-0', pid])).code !== 0 };
}

/** One router alone, so that its orders are the only ones. */
export async function orders() {
  const lab = await makeLab({ ...usualSettings, more: 'tcp_timeout = 900\ntcpfin_timeout = 5\n' });
  try {
    const { r1 } = lab;
    const [first, second] = await startWebServers(lab);
    await service(r1, 'start');
    await untilServing(r1, 2, 30_000);
    const drain = await drainUnderDownload(lab);
    const limited = await drainWithLimit(lab);
    const force = await forceIt(lab, () => first.stop('SIGKILL'));
    const signals = await signalNanny(r1);
    const hanging = await hangNanny(lab, () => second.stop('SIGKILL'));
    return { drain, limited, force, signals, hanging };
  } finally {
    await lab.destroy();
  }
}
