// What pulse tells lvs on its standard input.
import type { Outcome } from '@piranha/domain';
import * as v from 'valibot';
import { addressField, finiteField, millisField, termField } from './fields.ts';
import { decodeValue } from './json.ts';
import { raisedField } from './raised-addresses.ts';
import { serverOrderSchema } from './server-order.ts';
import { sharedOrderSchema } from './shared-order.ts';

const schema = v.variant('type', [
  v.object({
    type: v.literal('configure'),
    /** Where the text came from: for messages. */
    file: v.string(),
    /** The whole of lvs.cf as pulse read it. */
    text: v.string(),
    /** Every host name of the file and the address that pulse found for it, or null. */
    names: v.record(v.string(), v.nullable(addressField)),
  }),
  /** What lvs is to be from now on, and a sign of life: an active lvs that gets none for too long fences itself. */
  v.object({
    type: v.literal('tick'),
    role: v.picklist(['standby', 'active']),
    term: termField,
    /** When it was said, in ms of the machine's monotonic clock: lvs may read it late, which says nothing about pulse. */
    sentAt: v.optional(finiteField),
    /** When pulse last sent the partner a heartbeat, in the same ms: from then on the partner waits. */
    spokenAt: v.optional(finiteField),
    /** Whether an operator has placed the service here: lvs keeps it for a pulse that comes back. */
    held: v.optional(v.boolean(), false),
    /** By these lvs lets go, whatever its file says: the partner may have another file. */
    timers: v.optional(v.object({ keepalive: millisField, deadtime: millisField })),
  }),
  /** Asks for a report; the answer carries the same number. */
  v.object({ type: v.literal('report'), id: finiteField }),
  /** What an administrator orders about a server; the answer carries the same number. */
  v.object({ type: v.literal('order-server'), id: finiteField, order: serverOrderSchema }),
  /** The partner's last words about servers: those that are new, or all of them. */
  v.object({ type: v.literal('partner-orders'), orders: v.pipe(v.array(sharedOrderSchema), v.readonly()) }),
  /** All addresses that pulse has raised, at each change: lvs may have to take them down. */
  v.object({ type: v.literal('raised'), addresses: raisedField }),
]);

const { file, text, names } = schema.options[0].entries;
/** A configuration as it is handed on: with these parts anybody makes the same one of it. */
export const handedOn = { file, text, names };

/** An order to lvs. `configure` comes first and again at each reload; then `tick` at each change of role and all the time. */
export type LvsCommand = Readonly<v.InferOutput<typeof schema>>;

/** Reads one line; the error says what is wrong with it. */
export const decodeLvsCommand = (line: string): Outcome<LvsCommand, string> => decodeValue(schema, line);
