// Measures this suite beside keepalived inside the lab. Usage: bench table [--json] [--ours] [--times N] [--services N]
// [--servers N], or bench checks [--json] [--ours] [--times N] [--checks N,N],
// or bench failover [--json] [--ours] [--times N] [--row NAME].
import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { checksNotes, measureChecks } from './bench/checks.ts';
import { measureFailover } from './bench/failover.ts';
import { measureTable, tableNotes } from './bench/table.ts';
import type { Row } from './bench/rows.ts';
import { tableOf } from './bench/rows.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    ours: { type: 'boolean', default: false },
    times: { type: 'string' },
    services: { type: 'string', default: '100' },
    servers: { type: 'string', default: '10' },
    checks: { type: 'string', default: '10,100,1000' },
    row: { type: 'string', default: '' },
  },
});

const machine = `${cpus().length} cores, Linux ${release()}${process.env['ON_IPVS'] === 'guest' ? ', emulated' : ''}`;

/** What a comparison has to show. */
type Comparison = { readonly title: string; readonly rows: readonly Row[]; readonly notes: readonly string[] };

async function compareTables(): Promise<Comparison> {
  const { services, servers, times = '3' } = values;
  const rows = await measureTable({
    services: Number(services),
    servers: Number(servers),
    times: Number(times),
    oursOnly: values.ours,
  });
  return {
    title: `${services} services with ${servers} servers each; medians of ${times}; ${machine}`,
    rows,
    notes: tableNotes,
  };
}

async function compareChecks(): Promise<Comparison> {
  const { checks, times = '1' } = values;
  const sizes = checks.split(',').map(Number);
  const rows = await measureChecks({ sizes, times: Number(times), oursOnly: values.ours });
  return {
    title: `A check a second of each server; ${10 * Number(times)} deaths of each kind; ${machine}`,
    rows,
    notes: checksNotes,
  };
}

async function compareFailovers(): Promise<Comparison> {
  const { row, times = '3' } = values;
  const { rows, notes, broken } = await measureFailover({ named: row, times: Number(times), oursOnly: values.ours });
  for (const each of broken) process.stderr.write(`bench: did not hold: ${each}\n`);
  if (broken.length > 0) process.exitCode = 1;
  return { title: `Faults of a pair that serves; medians of ${times}; ${machine}`, rows, notes };
}

const comparisons: Readonly<Record<string, () => Promise<Comparison>>> = {
  checks: compareChecks,
  failover: compareFailovers,
  table: compareTables,
};

async function main(): Promise<void> {
  const compare = comparisons[positionals[0] ?? ''];
  if (compare === undefined) throw new Error(`there is no comparison of this name: ${positionals[0] ?? ''}`);
  const { title, rows, notes } = await compare();
  if (values.json) process.stdout.write(`${JSON.stringify({ rows, machine }, null, 2)}\n`);
  else process.stdout.write([title, '', tableOf(rows), '', ...notes, ''].join('\n'));
}

void main().then(
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
