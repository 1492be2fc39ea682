// Measures this suite beside keepalived inside the lab. Usage: bench table [--json] [--ours] [--times N] [--services N]
// [--servers N].
import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { measureTable, tableNotes } from './bench/table.ts';
import { tableOf } from './bench/rows.ts';

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    ours: { type: 'boolean', default: false },
    times: { type: 'string', default: '3' },
    services: { type: 'string', default: '100' },
    servers: { type: 'string', default: '10' },
  },
});

const machine = `${cpus().length} cores, Linux ${release()}${process.env['ON_IPVS'] === 'guest' ? ', emulated' : ''}`;

async function main(): Promise<void> {
  const rows = await measureTable({
    services: Number(values.services),
    servers: Number(values.servers),
    times: Number(values.times),
    oursOnly: values.ours,
  });
  if (values.json) process.stdout.write(`${JSON.stringify({ rows, machine }, null, 2)}\n`);
  else {
    const title = `${values.services} services with ${values.servers} servers each; medians of ${values.times}; ${machine}`;
    process.stdout.write([title, '', tableOf(rows), '', ...tableNotes, ''].join('\n'));
  }
}

void main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
