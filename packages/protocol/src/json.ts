// One JSON object a line: what is written, and how it is read back without trusting it.
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import * as v from 'valibot';

/** One message as a line, line end included. */
export const encodeLine = (message: { readonly type: string } & Readonly<Record<string, unknown>>): string =>
  `${JSON.stringify(message)}\n`;

/** Reads JSON text as a value of a schema; says in words what is wrong with any other text. Never throws. */
export function decodeValue<Schema extends v.GenericSchema>(
  schema: Schema,
  line: string,
): Outcome<v.InferOutput<Schema>, string> {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    return failure(shortened(`not JSON: ${error instanceof Error ? error.message : String(error)}`));
  }
  const parsed = v.safeParse(schema, json, { abortEarly: true });
  return parsed.success ? success(parsed.output) : failure(shortened(describe(parsed.issues[0])));
}

/** A complaint may quote the line, which may have megabytes: a log wants less. */
const longestProblem = 300;

const shortened = (problem: string): string =>
  problem.length > longestProblem ? `${problem.slice(0, longestProblem)}…` : problem;

const describe = (issue: v.BaseIssue<unknown>): string => {
  const path = v.getDotPath(issue);
  return path === null ? issue.message : `${path}: ${issue.message}`;
};
