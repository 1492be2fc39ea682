// The planner against the kernel: random reloads. One after the other: the kernel numbers the services of all network
// namespaces through, and what is printed in one while another is written to may have a service twice, or not at all.
import { run } from '../command.ts';
import type { TablesSeen } from '../table-pairs.ts';

/** Far above what all pairs take, and above the time in which a failure is made smaller (ms). */
const limit = 420_000;

/** Without lo the kernel takes no address of IPv4 for that of a host. */
const inNewNetwork = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"'];

/** `PIRANHA_PAIRS` and `PIRANHA_SEED` choose how many and which. */
export async function tablePairs(): Promise<TablesSeen> {
  const pairs = process.env['PIRANHA_PAIRS'] ?? '400';
  const seed = process.env['PIRANHA_SEED'] ?? String(Math.floor(Math.random() * 2 ** 31));
  process.stderr.write(`table-pairs: PIRANHA_SEED=${seed} PIRANHA_PAIRS=${pairs}\n`);
  const program = [...inNewNetwork, process.execPath, 'build/lab/table-pairs.cjs', seed, pairs];
  const { code, stdout, stderr } = await run(program, '', limit);
  if (code !== 0) throw new Error(`table-pairs ${seed} ${pairs}: status ${code}: ${stderr}`);
  const seen = JSON.parse(stdout) as TablesSeen;
  const { problem } = seen.pairs;
  if (problem !== undefined) {
    process.stderr.write(`table-pairs: ${problem.text}\n--- from\n${problem.old}--- to\n${problem.new}---\n`);
  }
  return seen;
}
