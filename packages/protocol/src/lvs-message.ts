// What lvs tells pulse on its standard output.
import type { Outcome } from '@piranha/domain';
import * as v from 'valibot';
import { finiteField, termField } from './fields.ts';
import { decodeValue } from './json.ts';
import { reportSchema } from './lvs-report.ts';
import { sharedOrderSchema } from './shared-order.ts';

const schema = v.variant('type', [
  /** The configuration is in force; `digest` names it, so that both know they run the same file. */
  v.object({ type: v.literal('configured'), digest: v.string() }),
  /** The last `configure` was refused and changed nothing. */
  v.object({ type: v.literal('rejected'), problem: v.string() }),
  /** Active: the services are in the kernel's table; not every server was judged yet. */
  v.object({ type: v.literal('written') }),
  /** Active: the services are in the kernel's table and every server was judged once. */
  v.object({ type: v.literal('ready') }),
  /** Standby: the table is as a standby's should be; without hot standby, none of our services is in it. */
  v.object({ type: v.literal('standing-by') }),
  /** lvs cannot balance at all, IPVS missing for example. */
  v.object({ type: v.literal('unable'), problem: v.string() }),
  /** So many real servers are known to be good; null while that of any is not known, or nobody checks them. */
  v.object({ type: v.literal('living'), count: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0))) }),
  /** Had no tick for too long: the addresses are on their way down, and what was said of the table counts no more. */
  v.object({ type: v.literal('fencing') }),
  /** Was active under this term and had no tick for too long: the addresses are down. Said again to each tick of that term. */
  v.object({ type: v.literal('fenced'), term: termField }),
  /** A sign of life: the answer to a tick, but not to every one. */
  v.object({ type: v.literal('alive') }),
  /** The answer to `report` with the same number. */
  v.object({ type: v.literal('report'), id: finiteField, ...reportSchema.entries }),
  /** The answer to `order-server` with the same number: what was done, or why nothing was; and why it is not saved. */
  v.object({
    type: v.literal('server-ordered'),
    id: finiteField,
    done: v.boolean(),
    text: v.string(),
    unsaved: v.optional(v.nullable(v.string()), null),
  }),
  /** The last word about every server of which anything was ever ordered: for the partner. */
  v.object({ type: v.literal('orders'), orders: v.pipe(v.array(sharedOrderSchema), v.readonly()) }),
  /** So many connections are in the table, active and inactive; null where they are not counted. */
  v.object({ type: v.literal('connections'), count: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0))) }),
]);

/** An event in lvs that pulse acts on. */
export type LvsMessage = Readonly<v.InferOutput<typeof schema>>;

/** Reads one line; the error says what is wrong with it. */
export const decodeLvsMessage = (line: string): Outcome<LvsMessage, string> => decodeValue(schema, line);
