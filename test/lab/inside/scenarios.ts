// Runs scenarios inside the lab, one after the other, and leaves what was seen as JSON for the tests outside.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nowMs } from './command.ts';
import { usualSettings } from './lab.ts';
import { connections } from './scenarios/connections.ts';
import { control } from './scenarios/control.ts';
import { directLoop } from './scenarios/direct-loop.ts';
import { faults } from './scenarios/faults.ts';
import { hotStandby } from './scenarios/hot-standby.ts';
import { initScript } from './scenarios/init-script.ts';
import { keys } from './scenarios/keys.ts';
import { killed } from './scenarios/killed.ts';
import { links } from './scenarios/links.ts';
import { lifeline } from './scenarios/lifeline.ts';
import { loss } from './scenarios/loss.ts';
import { names } from './scenarios/names.ts';
import { reloads } from './scenarios/reload.ts';
import { orders } from './scenarios/orders.ts';
import { preflight } from './scenarios/preflight.ts';
import { scale } from './scenarios/scale.ts';
import { forsaken } from './scenarios/forsaken.ts';
import { restarts } from './scenarios/restarts.ts';
import { services } from './scenarios/services.ts';
import { sharedOrders } from './scenarios/shared-orders.ts';
import { switchOver } from './scenarios/switch.ts';
import { tablePairs } from './scenarios/table-pairs.ts';
import { takeover } from './scenarios/takeover.ts';
import { traffic } from './scenarios/traffic.ts';
import { vips } from './scenarios/vips.ts';
import { withoutIpvs } from './scenarios/without-ipvs.ts';

const scenarios = {
  'without-ipvs': withoutIpvs,
  'init-script': initScript,
  'takeover-hot': () => takeover({ ...usualSettings, hotStandby: true }),
  'takeover-cold': () => takeover({ ...usualSettings, hotStandby: false }),
  'takeover-direct': () => takeover({ ...usualSettings, network: 'direct' }),
  killed,
  lifeline,
  services,
  reload: reloads,
  names,
  preflight,
  traffic,
  'table-pairs': tablePairs,
  control,
  scale,
  orders,
  loss,
  links,
  switch: switchOver,
  keys,
  'shared-orders-hot': () => sharedOrders(true),
  'shared-orders-cold': () => sharedOrders(false),
  restarts,
  forsaken,
  vips,
  connections,
  'hot-standby': hotStandby,
  'direct-loop': directLoop,
  faults,
} as const;

/** What each scenario has seen. */
export type Seen = { readonly [Name in keyof typeof scenarios]: Awaited<ReturnType<(typeof scenarios)[Name]>> };

const known = Object.keys(scenarios) as (keyof typeof scenarios)[];

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  for (const name of known.filter((each) => wanted.length === 0 || wanted.includes(each))) {
    process.stderr.write(`scenario ${name}\n`);
    const began = nowMs();
    let result: unknown;
    try {
      result = await scenarios[name]();
    } catch (error) {
      result = { problem: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    writeFileSync(join(process.env['ON_IPVS_OUT'] ?? '.', `${name}.json`), JSON.stringify(result, null, 1));
    process.stderr.write(`scenario ${name}: ${((nowMs() - began) / 1000).toFixed(0)} s\n`);
  }
}

// A scenario that failed may have left something running; the guest ends with this process.
void main().then(() => process.exit());
