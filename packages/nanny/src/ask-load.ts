// Asks for loads: runs the programs, reads what they say, and knows each by its number so that it can be called off.
import { failure, success } from '@piranha/domain';
import { quote } from './describe.ts';
import type { LoadQuery, LoadResult } from './load.ts';
import { parseLoad } from './parse-load.ts';
import { runProgram } from './run-program.ts';

/** Runs queries. */
export type LoadQueries = {
  /** Runs one; undefined when it was called off. */
  readonly run: (run: number, query: LoadQuery) => Promise<LoadResult | undefined>;
  readonly callOff: (run: number) => void;
  readonly callOffAll: () => void;
};

/** Starts with none. */
export function createLoadQueries(): LoadQueries {
  const underWay = new Map<number, AbortController>();
  return {
    run: async (run, query) => {
      const controller = new AbortController();
      underWay.set(run, controller);
      const result = await askLoad(query, controller.signal);
      underWay.delete(run);
      return controller.signal.aborted ? undefined : result;
    },
    callOff: (run) => {
      underWay.get(run)?.abort();
    },
    callOffAll: () => {
      for (const controller of underWay.values()) controller.abort();
    },
  };
}

// Words and numbers are then the same everywhere; ssh hands it on to servers that take it.
const environment = { LC_ALL: 'C' };

/** Asks once. */
export async function askLoad({ program, host, limit }: LoadQuery, signal: AbortSignal): Promise<LoadResult> {
  const ended = await runProgram(program, { limit, signal }, environment);
  if (!ended.ok) return failure(`failed to read remote load: ${ended.error}`);
  const { output, complaint } = ended.value;
  const load = parseLoad(output, host);
  if (load !== undefined) return success(load);
  const wanted = host === null ? '' : ` (without one line for ${host})`;
  // rup complains of servers that it can not reach and ends with status 0.
  const because = complaint.length > 0 ? `, ${quote(complaint)}` : '';
  return failure(`bad load average returned: ${quote(output)}${wanted}${because}`);
}
