// Runs scenarios inside the lab, one after the other, and leaves what was seen as JSON for the tests outside.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pauseUntil } from 'node:timers/promises';
import { nowMs } from './command.ts';
import { lastStep, step } from './steps.ts';
import { slownessFile } from './slowness-file.ts';
import { watchSlowness } from './yardstick.ts';
import { usualSettings } from './lab.ts';
import { attacks } from './scenarios/attacks.ts';
import { connections } from './scenarios/connections.ts';
import { control } from './scenarios/control.ts';
import { directLoop } from './scenarios/direct-loop.ts';
import { faults } from './scenarios/faults.ts';
import { firewall } from './scenarios/firewall.ts';
import { foreign } from './scenarios/foreign.ts';
import { hotStandby } from './scenarios/hot-standby.ts';
import { initScript } from './scenarios/init-script.ts';
import { keys } from './scenarios/keys.ts';
import { late } from './scenarios/late.ts';
import { killed } from './scenarios/killed.ts';
import { links } from './scenarios/links.ts';
import { lifeline } from './scenarios/lifeline.ts';
import { loss } from './scenarios/loss.ts';
import { migration } from './scenarios/migration.ts';
import { ipv6Heartbeat } from './scenarios/ipv6-heartbeat.ts';
import { mute } from './scenarios/mute.ts';
import { names } from './scenarios/names.ts';
import { reloads } from './scenarios/reload.ts';
import { onRouter } from './scenarios/on-router.ts';
import { orders } from './scenarios/orders.ts';
import { preflight } from './scenarios/preflight.ts';
import { scale } from './scenarios/scale.ts';
import { forsaken } from './scenarios/forsaken.ts';
import { restarts } from './scenarios/restarts.ts';
import { services } from './scenarios/services.ts';
import { sharedOrders } from './scenarios/shared-orders.ts';
import { staleWords } from './scenarios/stale-words.ts';
import { switchOver } from './scenarios/switch.ts';
import { tablePairs } from './scenarios/table-pairs.ts';
import { takeover } from './scenarios/takeover.ts';
import { traffic } from './scenarios/traffic.ts';
import { unwritten } from './scenarios/unwritten.ts';
import { vips } from './scenarios/vips.ts';
import { withoutIpvs } from './scenarios/without-ipvs.ts';

const scenarios = {
  attacks,
  firewall,
  migration,
  mute,
  'ipv6-heartbeat': ipv6Heartbeat,
  'without-ipvs': withoutIpvs,
  'init-script': initScript,
  'takeover-hot': () => takeover({ ...usualSettings, hotStandby: true }),
  'takeover-cold': () => takeover({ ...usualSettings, hotStandby: false }),
  'takeover-direct': () => takeover({ ...usualSettings, network: 'direct' }),
  killed,
  lifeline,
  late,
  services,
  reload: reloads,
  names,
  preflight,
  traffic,
  'table-pairs': tablePairs,
  control,
  scale,
  'on-router': onRouter,
  orders,
  loss,
  links,
  switch: switchOver,
  keys,
  'shared-orders-hot': () => sharedOrders(true),
  'shared-orders-cold': () => sharedOrders(false),
  restarts,
  'stale-words': staleWords,
  forsaken,
  vips,
  unwritten,
  'foreign-nat-hot': () => foreign('nat', true),
  'foreign-direct-cold': () => foreign('direct', false),
  connections,
  'hot-standby': hotStandby,
  'direct-loop': directLoop,
  faults,
} as const;

/** What each scenario has seen. */
export type Seen = { readonly [Name in keyof typeof scenarios]: Awaited<ReturnType<(typeof scenarios)[Name]>> };

const known = Object.keys(scenarios) as (keyof typeof scenarios)[];

/** Whatever a scenario waits for has a limit of its own; this one is for what was forgotten (ms). */
const limitOf = (name: keyof Seen): number => (name === 'faults' ? 1_680_000 : 600_000);

/** What it has seen, or what went wrong. */
async function play(name: keyof Seen): Promise<unknown> {
  const over = new AbortController();
  const late = pauseUntil(limitOf(name), undefined, { signal: over.signal }).then(() => {
    throw new Error(`not over within ${limitOf(name)} ms; the last step: ${lastStep()}`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([scenarios[name](), late]);
  } catch (error) {
    return { problem: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  } finally {
    over.abort();
  }
}

const isProblem = (seen: unknown): seen is { readonly problem: string } =>
  typeof seen === 'object' && seen !== null && 'problem' in seen && typeof seen.problem === 'string';

/** What is not asked for is left out; each has what it saw in a file of its name. Exit status 1 where one failed. */
async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !known.some((each) => each === name));
  if (unknown.length > 0) throw new Error(`no such scenario: ${unknown.join(', ')}`);
  const folder = process.env['ON_IPVS_OUT'] ?? '.';
  const yardstick = watchSlowness();
  const slowness: Record<string, number> = {};
  for (const name of known.filter((each) => wanted.length === 0 || wanted.includes(each))) {
    step(`scenario ${name}`);
    const began = nowMs();
    const seen = await play(name);
    const slow = yardstick?.slownessSince(began);
    if (slow !== undefined) slowness[name] = slow;
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(seen, null, 1));
    if (isProblem(seen)) {
      process.exitCode = 1;
      step(`scenario ${name} failed: ${seen.problem}`);
    }
    const took = ((nowMs() - began) / 1000).toFixed(0);
    const pace = slow === undefined ? '' : `; the machine was ${slow.toFixed(1)} times as slow as an idle one`;
    step(`scenario ${name}: ${took} s${pace}`);
  }
  writeFileSync(join(folder, slownessFile), JSON.stringify(slowness));
}

// A scenario that failed may have left something running; the guest ends with this process.
void main().then(
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(`scenarios: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
