// Runs the scenarios in the lab, all in one guest, and hands over what they have seen. Where nothing that is claimed needs
// the kernel's table or its balancing, runScenariosInNamespaces() does it without a guest, on any kernel: a stand-in for
// ipvsadm (inside/stand-in-ipvsadm) keeps the table of each host. By hand, built:
//   ON_IPVS=namespaces ON_IPVS_OUT=folder scripts/on-ipvs node build/lab/scenarios.cjs NAME...
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Seen } from './inside/scenarios.ts';
import { slownessFile } from './inside/slowness-file.ts';
import { measureSlowness } from './inside/yardstick.ts';
import { noteLook, noteSlowness } from './row.ts';

/** What was seen, by scenario; asking for one that failed throws with its problem. */
export type Sightings = { readonly of: <Name extends keyof Seen>(name: Name) => Seen[Name] };

/** All scenarios of a file together (s): a slow machine does the fault table in 15 minutes. */
const limit = '1700';

/** scripts/on-ipvs ends with it where the guest ended before its command did. */
const noGuest = 125;

type Names = readonly (keyof Seen)[];

/** Runs the named scenarios in the guest; their progress goes to standard error. */
export const runScenarios = (...names: Names): Promise<Sightings> => runOnIpvs({}, names);

/** Runs them in namespaces on the machine's own kernel, which need not have IPVS. Many times faster than the guest. */
export const runScenariosInNamespaces = (...names: Names): Promise<Sightings> =>
  runOnIpvs({ ON_IPVS: 'namespaces' }, names);

async function runOnIpvs(place: Readonly<Record<string, string>>, names: Names): Promise<Sightings> {
  const out = mkdtempSync(join(tmpdir(), 'piranha-lab-'));
  const yardstick = measureSlowness('build/lab/pace.cjs');
  try {
    const play = async (): Promise<number | null> => {
      const guest = spawn('scripts/on-ipvs', ['node', 'build/lab/scenarios.cjs', ...names], {
        env: { ON_IPVS_LIMIT: limit, ...place, ...process.env, ON_IPVS_OUT: out },
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      return ((await once(guest, 'close')) as [number | null])[0];
    };
    const first = await play();
    // The emulator itself has died (QEMU does, once in a long while), which says nothing of what ran in it.
    const status = first === noGuest ? await play() : first;
    // 1: a scenario failed, and its file tells how.
    if (status !== 0 && status !== 1) throw new Error(`scripts/on-ipvs ended with status ${status}`);
    const outside = yardstick.slownessSince(-Infinity);
    noteSlowness(Object.fromEntries(names.map((name) => [name, outside])));
    noteSlowness(JSON.parse(readFileSync(join(out, slownessFile), 'utf8')) as Readonly<Record<string, number>>);
    const seen = new Map(names.map((name) => [name, readSighting(out, name)]));
    return { of: (name) => sighting(seen, name) };
  } finally {
    await yardstick.stop();
    rmSync(out, { recursive: true });
  }
}

const readSighting = (out: string, name: string): unknown =>
  JSON.parse(readFileSync(join(out, `${name}.json`), 'utf8'));

function sighting<Name extends keyof Seen>(seen: ReadonlyMap<keyof Seen, unknown>, name: Name): Seen[Name] {
  noteLook(name);
  const found = seen.get(name) as Seen[Name] & { problem?: string };
  if (found.problem !== undefined) throw new Error(`scenario ${name}: ${found.problem}`);
  return found;
}
