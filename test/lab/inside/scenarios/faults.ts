// Everything that may go wrong, one fault after the other, done to one pair that serves a client.
import { makePairUnderFault } from '../faults/pair-under-fault.ts';
import type { RowSeen } from '../faults/row.ts';
import { faultSettings } from '../faults/settings.ts';
import { ours } from '../faults/suites.ts';
import { isSkipped, rowsNamed } from '../faults/table.ts';

/** A pair that does not become well again ends it: the rows after that are not seen. */
export async function faults() {
  const rows = rowsNamed(process.env['PIRANHA_ROWS'] ?? '');
  const skipped = rows.filter(isSkipped).map(({ name }) => name);
  const pair = await makePairUnderFault(faultSettings, ours);
  const seen: RowSeen[] = [];
  try {
    for (const row of rows.filter((each) => !isSkipped(each))) {
      const result = await pair.meet(row);
      process.stderr.write(`${JSON.stringify(result)}\n`);
      seen.push(result);
    }
    return { rows: seen, skipped, endedBy: null };
  } catch (error) {
    return { rows: seen, skipped, endedBy: String(error) };
  } finally {
    await pair.destroy();
  }
}
