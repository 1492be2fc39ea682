// What an active pulse leaves on its own machine for the next one.
import type { Outcome } from '@piranha/domain';
import * as v from 'valibot';
import { termField } from './fields.ts';
import { decodeValue } from './json.ts';

const schema = v.object({
  type: v.literal('owner'),
  term: termField,
  /** Whether an operator has placed the service here. */
  held: v.boolean(),
  /** Seconds since the boot at which that was said last. */
  uptime: v.pipe(v.number(), v.finite()),
});

/** Reads it; the error says what is wrong with it. */
export const decodeOwnership = (text: string): Outcome<Readonly<v.InferOutput<typeof schema>>, string> =>
  decodeValue(schema, text);
