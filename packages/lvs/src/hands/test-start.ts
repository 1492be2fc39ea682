// `--test-start`: what would be done, done by nobody.
import type { Configuration } from '@piranha/config';
import { visible } from '@piranha/domain';
import type { Health, ServerId, Table } from '@piranha/ipvs';
import { emptyTable, keyOf, plan, restoreLine, serverId, wantedTable } from '@piranha/ipvs';
import type { Startup } from '@piranha/runtime/startup';
import { load } from './by-hand.ts';
import { readBack } from './ipvsadm.ts';
import type { Options } from './options.ts';

/** Prints the lines that would go to `ipvsadm -R` if every server were good; gives the exit status. */
export async function testStart({ configfile }: Options, startup: Startup): Promise<number> {
  const loaded = await load(configfile, 'leave-out');
  if (!loaded.ok) {
    startup.failed(loaded.error.join('\n'), 1);
    return 1;
  }
  const { configuration } = loaded.value;
  const read = await readBack({ ipvsadm: configuration.ipvsadm, thresholds: true });
  if (!read.ok) process.stderr.write(`${visible(`lvs: taking the table to be empty: ${read.error}`)}\n`);
  for (const line of linesFor(configuration, read.ok ? read.value : emptyTable))
    process.stdout.write(`${visible(line)}\n`);
  return 0;
}

function linesFor(configuration: Configuration, found: Table): readonly string[] {
  const owned = new Set(configuration.virtualServers.map(keyOf));
  return plan(found, wantedTable(configuration, allUp(configuration), found), owned).map(restoreLine);
}

const allUp = ({ virtualServers }: Configuration): ReadonlyMap<ServerId, Health> =>
  new Map(
    virtualServers.flatMap((virtual) => virtual.servers.map((server) => [serverId(virtual, server), 'up'] as const)),
  );
