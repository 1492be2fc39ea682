// Everything that may go wrong, one fault after the other, done to one pair that serves a client.
import { makePairUnderFault } from '../faults/pair-under-fault.ts';
import type { FaultRow, RowSeen } from '../faults/row.ts';
import { faultSettings } from '../faults/settings.ts';
import { ours } from '../faults/suites.ts';
import { isSkipped, rowsNamed } from '../faults/table.ts';
import type { Method } from '../lab.ts';

/** A pair that does not become well again ends it: the rows after that are not seen. */
export async function faults() {
  const rows = rowsNamed(process.env['PIRANHA_ROWS'] ?? '');
  const skipped = rows.filter(isSkipped).map(({ name }) => name);
  const todo = rows.filter((each) => !isSkipped(each));
  const nat = await meetAll('nat', todo);
  const direct = await meetAll('direct', todo);
  return { rows: [...nat.rows, ...direct.rows], skipped, endedBy: nat.endedBy ?? direct.endedBy };
}

/** One pair meets all rows that are about its network. */
async function meetAll(network: Method, all: readonly FaultRow[]) {
  const rows = all.filter((row) => (row.network ?? 'nat') === network);
  const seen: RowSeen[] = [];
  if (rows.length === 0) return { rows: seen, endedBy: null };
  const pair = await makePairUnderFault({ ...faultSettings, network }, ours);
  try {
    for (const row of rows) {
      const result = await pair.meet(row);
      process.stderr.write(`${JSON.stringify(result)}\n`);
      seen.push(result);
    }
    return { rows: seen, endedBy: null };
  } catch (error) {
    return { rows: seen, endedBy: String(error) };
  } finally {
    await pair.destroy();
  }
}
