// The demonstration: a pair of routers balances, loses a server, loses a router, and goes on. Everything is real: the
// kernel's IPVS, the installed programs, nginx, and a client that makes a new request every 20 ms.
import type { Running } from './command.ts';
import { nowMs, pause, until } from './command.ts';
import type { Traffic } from './client.ts';
import { failed, longestGap, shares, startTraffic, summary } from './client.ts';
import { systemLog } from './host.ts';
import type { Lab, Method } from './lab.ts';
import { lvsCf, makeLab, rebootRouter, usualSettings, vip } from './lab.ts';
import { hasVip } from './look.ts';
import type { Request } from './probe.ts';
import { serversInTable, service, untilServing } from './router.ts';
import { startWebServer, startWebServers } from './web-server.ts';

/** One thing that was shown: what it was, figures, and whether it was as it should be. */
type Shown = { readonly name: string; readonly ok: boolean; readonly figures: Record<string, unknown> };

const json = process.argv.includes('--json');
const network: Method = process.argv.includes('direct') ? 'direct' : 'nat';
const settings = { ...usualSettings, network };
const began = nowMs();

const say = (text: string): void => {
  const at = ((nowMs() - began) / 1000).toFixed(1).padStart(6);
  if (!json) process.stdout.write(`${at} s  ${text}\n`);
};

const shown: Shown[] = [];
function show(name: string, ok: boolean, text: string, figures: Record<string, unknown>): void {
  shown.push({ name, ok, figures });
  say(`${ok ? '✔' : '✘'} ${text}`);
}

const round = (ms: number): number => Math.round(ms);

/** When a request that failed was sent, in ms after `since`, and what became of it. */
const describeFailure = ({ sentAt, doneAt, outcome }: Request, since: number): Record<string, unknown> => ({
  sentAfterMs: round(sentAt - since),
  tookMs: round(doneAt - sentAt),
  ...outcome,
});

/** What the routers logged, for whoever has to find out why something was not as it should be. */
async function tellLogs({ r1, r2 }: Lab): Promise<void> {
  for (const router of [r1, r2]) {
    const lines = await systemLog(router);
    process.stderr.write(lines.map((line) => `${router.name}: ${line}\n`).join(''));
  }
}

async function startPair(lab: Lab): Promise<Traffic> {
  say(`Two routers, r1 (primary) and r2 (backup); virtual address ${vip}, ${network}; two web servers, s1 and s2.`);
  say(`Heartbeat every ${settings.keepalive} s; after ${settings.deadtime} s of silence a router counts as dead.`);
  for (const router of [lab.r1, lab.r2]) {
    const { code, stdout, stderr } = await service(router, 'start');
    if (code !== 0) throw new Error(`service pulse start on ${router.name}: ${stdout}${stderr}`);
    say(`  ${router.name}: service pulse start`);
  }
  await untilServing(lab.r1, 2, 30_000);
  const standby = !hasVip(lab.r2);
  const traffic = startTraffic(lab.client, vip);
  const first = await traffic.answeredAfter(0, 10_000);
  show('start', standby, 'r1 is active and has the virtual address, r2 stands by; the first request was answered.', {
    owner: 'r1',
    firstAnswerMs: round(first.doneAt - first.sentAt),
  });
  return traffic;
}

async function spread(traffic: Traffic): Promise<void> {
  const since = nowMs();
  await pause(3000);
  const requests = traffic.since(since);
  const counts = shares(requests);
  const [s1, s2] = [counts['s1'] ?? 0, counts['s2'] ?? 0];
  const ok = failed(requests).length === 0 && s2 > 0 && Math.abs(s1 / s2 - 2) < 0.3;
  show('weights', ok, `Requests are spread by weight, 2 to 1: s1 answered ${s1}, s2 answered ${s2}.`, { s1, s2 });
}

async function loseServer(lab: Lab, traffic: Traffic, s2: Running): Promise<Running> {
  const died = nowMs();
  await s2.stop('SIGKILL');
  say('  the web server of s2 is killed');
  await untilServing(lab.r1, 1, 10_000);
  const leftAfter = round(nowMs() - died);
  await pause(1000);
  const after = traffic.since(died + leftAfter);
  const ok = failed(after).length === 0 && (shares(after)['s2'] ?? 0) === 0;
  show(
    'server-dies',
    ok,
    `s2 left the kernel's table after ${leftAfter} ms; since then every request is answered by s1.`,
    {
      leftTableAfterMs: leftAfter,
      failedMeanwhile: failed(traffic.since(died)).length,
    },
  );
  const repaired = nowMs();
  const again = await startWebServer(lab.s2);
  await untilServing(lab.r1, 2, 20_000);
  const backAfter = round(nowMs() - repaired);
  await pause(1000);
  const answered = shares(traffic.since(repaired + backAfter));
  show('server-returns', (answered['s2'] ?? 0) > 0, `s2 was repaired and is back in the table after ${backAfter} ms.`, {
    backInTableAfterMs: backAfter,
  });
  return again;
}

async function loseRouter(lab: Lab, traffic: Traffic): Promise<void> {
  const cut = nowMs();
  await lab.setCables(lab.r1, 'down');
  say('  both cables of r1 are pulled');
  const first = await traffic.answeredAfter(nowMs(), (settings.deadtime + 10) * 1000);
  const outage = round(first.doneAt - cut);
  const refused = failed(traffic.since(cut)).filter((each) => each.outcome.type === 'refused').length;
  const ok = hasVip(lab.r2) && outage <= (settings.deadtime + 1) * 1000 && refused === 0;
  show('router-lost', ok, `r2 took the virtual address: the outage was ${outage} ms, and no request was refused.`, {
    outageMs: outage,
    deadtimeMs: settings.deadtime * 1000,
    refused,
    owner: 'r2',
  });
}

async function routerReturns(lab: Lab, traffic: Traffic): Promise<Lab> {
  say('  r1 is switched off, its cables are plugged in again, and it boots');
  const rebooted = await rebootRouter(lab, 'r1');
  const since = nowMs();
  await service(rebooted.r1, 'start');
  await pause((settings.deadtime + 2) * 1000);
  const requests = traffic.since(since);
  const ok = hasVip(rebooted.r2) && !hasVip(rebooted.r1) && failed(requests).length === 0;
  const figures = {
    owner: 'r2',
    requests: requests.length,
    failures: failed(requests).map((each) => describeFailure(each, since)),
  };
  show('router-returns', ok, `r1 is back as standby; of ${requests.length} requests none failed.`, figures);
  return rebooted;
}

async function cleanStop(lab: Lab, traffic: Traffic): Promise<void> {
  await until(
    'r1 to stand by with its table',
    20_000,
    async () => Object.keys(await serversInTable(lab.r1)).length === 2,
  );
  const stopped = nowMs();
  const stopping = service(lab.r2, 'stop');
  say('  r2: service pulse stop');
  await until('r1 to have the virtual address', 20_000, () => hasVip(lab.r1));
  const { code } = await stopping;
  await pause(1000);
  const requests = traffic.since(stopped);
  const outage = round(longestGap(requests));
  const empty = Object.keys(await serversInTable(lab.r2)).length === 0 && !hasVip(lab.r2);
  show('clean-stop', code === 0 && empty && outage < 1000, `r1 took over at once: the outage was ${outage} ms.`, {
    outageMs: outage,
    failed: failed(requests).length,
    requests: summary(requests),
    owner: 'r1',
  });
}

async function demo(): Promise<void> {
  let lab = await makeLab(settings);
  let ended = false;
  try {
    const [, s2] = await startWebServers(lab);
    const traffic = await startPair(lab);
    await spread(traffic);
    await loseServer(lab, traffic, s2);
    await loseRouter(lab, traffic);
    lab = await routerReturns(lab, traffic);
    await cleanStop(lab, traffic);
    await traffic.stop();
    ended = true;
  } finally {
    if (!ended || shown.some((each) => !each.ok)) await tellLogs(lab);
    await lab.destroy();
  }
}

async function main(): Promise<void> {
  let problem: string | undefined;
  try {
    await demo();
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
    process.stderr.write(`demo: ${problem}\n`);
  }
  const ok = problem === undefined && shown.every((each) => each.ok);
  if (json)
    process.stdout.write(
      `${JSON.stringify({ ok, network, lvsCf: lvsCf(settings), steps: shown, problem }, null, 2)}\n`,
    );
  else say(ok ? 'All of it was as it should be.' : 'Not everything was as it should be.');
  process.exitCode = ok ? 0 : 1;
}

void main();
