// Asks for loads: runs the programs and reads what they say.
import { failure, success } from '@piranha/domain';
import { isNotMade } from '../rules/check-result.ts';
import { quote } from '../rules/describe.ts';
import type { LoadQuery, LoadResult } from '../rules/load.ts';
import { parseLoad } from '../rules/parse-load.ts';
import { runProgram } from './run-program.ts';

// Words and numbers are then the same everywhere; ssh hands it on to servers that take it.
const environment = { LC_ALL: 'C' };

/** Asks once. */
export async function askLoad({ program, host, limit }: LoadQuery, signal: AbortSignal): Promise<LoadResult> {
  const ended = await runProgram(program, { limit, signal }, environment);
  if (isNotMade(ended)) return ended;
  if (!ended.ok) return failure(`failed to read remote load: ${ended.error}`);
  const { output, complaint } = ended.value;
  const load = parseLoad(output, host);
  if (load !== undefined) return success(load);
  const wanted = host === null ? '' : ` (without one line for ${host})`;
  // rup complains of servers that it cannot reach and ends with status 0.
  const because = complaint.length > 0 ? `, ${quote(complaint)}` : '';
  return failure(`bad load average returned: ${quote(output)}${wanted}${because}`);
}
