// What a command of lvsctl leaves behind.
import { visible, visibleJson } from '@piranha/domain';
import type { NoAnswer } from '@piranha/runtime/sockets';

/** Text for standard output and standard error, line ends included, and the exit status. */
export type Result = { readonly output: string; readonly complaint: string; readonly status: number };

/** Lines for standard output: names and reasons in them come from lvs.cf and from the network. */
export const shown = (lines: readonly string[], status = 0): Result => ({
  output: lines.map((line) => `${visible(line)}\n`).join(''),
  complaint: '',
  status,
});

/** One JSON value for standard output. */
export const shownAsJson = (value: unknown, status = 0): Result => shownJson(JSON.stringify(value, null, 2), status);

/** JSON that another program has written. */
export const shownJson = (json: string, status = 0): Result => ({
  output: `${visibleJson(json)}\n`,
  complaint: '',
  status,
});

/** Lines for standard error. */
export const complained = (lines: readonly string[]): string => lines.map((line) => `${visible(line)}\n`).join('');

/** As the Linux Standard Base has it for `status`. */
const notRunning = 3;

/** pulse was asked in vain. */
export const unanswered = ({ type, problem }: NoAnswer): Result => failed(problem, type === 'absent' ? notRunning : 1);

/** One sentence for standard error. */
export const failed = (problem: string, status = 1): Result => ({
  output: '',
  complaint: complained([`lvsctl: ${problem}`]),
  status,
});
