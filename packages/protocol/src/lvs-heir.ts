// How a pulse that is started again and a living lvs meet: one line each way, then the lines of the pipes go on.
import type { Outcome } from '@piranha/domain';
import * as v from 'valibot';
import { termField } from './fields.ts';
import { decodeValue } from './json.ts';
import { raisedField } from './raised-addresses.ts';

const schema = v.variant('type', [
  /** From now on this lvs obeys whoever asked. */
  v.object({
    type: v.literal('standing'),
    pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
    /** Fencing and fenced: it has missed the ticks of an earlier pulse. */
    role: v.picklist(['waiting', 'standby', 'active', 'fencing', 'fenced', 'ending']),
    /** As the last tick said. */
    term: termField,
    held: v.boolean(),
    /** When it takes the addresses down unless it is ticked, in ms of the machine's monotonic clock; absent for never. */
    fencesAt: v.optional(v.pipe(v.number(), v.finite())),
    /** Of the configuration in force; null before the first. */
    digest: v.nullable(v.string()),
    /** The addresses that an earlier pulse has raised, as it told; absent where it did not. */
    raised: v.optional(raisedField),
  }),
  /** There is a pulse above it already. */
  v.object({ type: v.literal('refused'), problem: v.string() }),
]);

/** What lvs answers to a pulse that wants to go on with it. */
export type LvsGreeting = Readonly<v.InferOutput<typeof schema>>;
/** How an lvs stands. */
export type LvsStanding = Extract<LvsGreeting, { readonly type: 'standing' }>;

/** Reads one line; the error says what is wrong with it. */
export const decodeLvsGreeting = (line: string): Outcome<LvsGreeting, string> => decodeValue(schema, line);

const request = v.object({ type: v.literal('adopt') });

/** What a pulse says first. */
export const adoptRequest: Readonly<v.InferOutput<typeof request>> = { type: 'adopt' };

/** Whether a line is that. */
export const isAdoptRequest = (line: string): boolean => decodeValue(request, line).ok;
