// What lvs tells a nanny on its standard input.
import type { Outcome } from '@piranha/domain';
import * as v from 'valibot';
import { checkField } from './check.ts';
import { decodeValue } from './json.ts';

const schema = v.variant('type', [
  v.object({
    type: v.literal('watch'),
    /** Names one check of one server, of which it may have several. */
    watch: v.string(),
    check: checkField,
    /** What lvs knows of the server: a nanny that was restarted does not bring it back sooner. */
    known: v.picklist(['unknown', 'up', 'down']),
  }),
  v.object({ type: v.literal('forget'), watch: v.string() }),
  v.object({ type: v.literal('check'), watch: v.string() }),
  v.object({ type: v.literal('ping') }),
]);

/**
 * An order to a nanny: `watch` begins (or replaces) a check of a server, `forget` ends it; `check` makes it now, and
 * this once a single good result brings the server back; `ping` is answered `alive`.
 */
export type NannyCommand = Readonly<v.InferOutput<typeof schema>>;

/** Reads one line; the error says what is wrong with it. */
export const decodeNannyCommand = (line: string): Outcome<NannyCommand, string> => decodeValue(schema, line);
