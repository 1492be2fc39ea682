// Which runs of ipvsadm show the table. The runs themselves are the caller's.
import type { Outcome } from '@piranha/domain';
import { success } from '@piranha/domain';
import { parseSaved } from './parse-saved.ts';
import { withThresholds } from './parse-thresholds.ts';
import type { Table } from './table.ts';

/** Runs ipvsadm with arguments: what it printed, or why it did not. */
export type AskIpvsadm = (...args: readonly string[]) => Promise<Outcome<string, string>>;

/** The table as it is, with thresholds only where they matter: they cost a second run. */
export async function readTable(ask: AskIpvsadm, thresholds: boolean): Promise<Outcome<Table, string>> {
  const saved = await ask('-S', '-n');
  if (!saved.ok) return saved;
  const { table } = parseSaved(saved.value);
  if (!thresholds) return success(table);
  const listed = await ask('-L', '-n', '--thresholds');
  return listed.ok ? success(withThresholds(table, listed.value)) : listed;
}
