// What lvs tells a nanny on its standard input.
import type { Outcome } from '@piranha/domain';
import * as v from 'valibot';
import { checkField } from './check.ts';
import { decodeValue } from './json.ts';

const schema = v.variant('type', [
  v.object({
    type: v.literal('watch'),
    server: v.string(),
    check: checkField,
    /** What lvs knows of the server: a nanny that was restarted does not bring it back sooner. */
    known: v.picklist(['unknown', 'up', 'down']),
  }),
  v.object({ type: v.literal('forget'), server: v.string() }),
  v.object({ type: v.literal('check'), server: v.string() }),
  v.object({ type: v.literal('ping') }),
]);

/**
 * An order to a nanny: `watch` begins (or replaces) the check of a server, `forget` ends it; `check` checks it now, and
 * this once a single good result brings it back; `ping` is answered `alive`.
 */
export type NannyCommand = Readonly<v.InferOutput<typeof schema>>;

/** Reads one line; the error says what is wrong with it. */
export const decodeNannyCommand = (line: string): Outcome<NannyCommand, string> => decodeValue(schema, line);
