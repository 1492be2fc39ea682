// What a command of lvsctl leaves behind.
import type { NoAnswer } from '@piranha/runtime';

/** Text for standard output and standard error, line ends included, and the exit status. */
export type Result = { readonly output: string; readonly complaint: string; readonly status: number };

/** Lines for standard output. */
export const shown = (lines: readonly string[], status = 0): Result => ({
  output: lines.map((line) => `${line}\n`).join(''),
  complaint: '',
  status,
});

/** One JSON value for standard output. */
export const shownAsJson = (value: unknown, status = 0): Result => shown([JSON.stringify(value, null, 2)], status);

/** As the Linux Standard Base has it for `status`. */
const notRunning = 3;

/** pulse was asked in vain. */
export const unanswered = ({ type, problem }: NoAnswer): Result => failed(problem, type === 'absent' ? notRunning : 1);

/** One sentence for standard error. */
export const failed = (problem: string, status = 1): Result => ({
  output: '',
  complaint: `lvsctl: ${problem}\n`,
  status,
});
