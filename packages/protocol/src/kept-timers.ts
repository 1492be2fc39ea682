// The timers that pulse had in force, as it keeps them in a file for a pulse that is started instead of it.
import type { Outcome } from '@piranha/domain';
import * as v from 'valibot';
import { millisField } from './fields.ts';
import { decodeValue } from './json.ts';

const schema = v.object({
  type: v.literal('timers'),
  keepalive: millisField,
  deadtime: millisField,
  /** The deadtime by which lvs and the kernel let go. */
  shortest: millisField,
});

/** Reads the file's one line; the error says what is wrong with it. */
export const decodeKeptTimers = (line: string): Outcome<Readonly<v.InferOutput<typeof schema>>, string> =>
  decodeValue(schema, line);
