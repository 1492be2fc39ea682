// Orders in force, as lvs keeps them in a file between two of its lives.
import type { Outcome } from '@piranha/domain';
import * as v from 'valibot';
import { decodeValue } from './json.ts';
import { stampField } from './shared-order.ts';

/** Milliseconds on the machine's monotonic clock, which goes on when processes end and begins anew with each boot. */
const bootTime = v.pipe(v.number(), v.finite());

/** Files of earlier versions have none of these. */
const given = {
  stamp: v.optional(stampField, 0),
  from: v.optional(v.picklist(['here', 'partner']), 'here'),
};

const schema = v.object({
  type: v.literal('orders'),
  orders: v.array(
    v.variant('type', [
      v.object({
        type: v.literal('force'),
        server: v.string(),
        to: v.picklist(['up', 'down']),
        since: bootTime,
        ...given,
      }),
      v.object({
        type: v.literal('drain'),
        server: v.string(),
        since: bootTime,
        /** Null: however long it takes. */
        deadline: v.nullable(bootTime),
        drained: v.boolean(),
        /** As it was ordered; null: no limit, or not known. */
        timeoutMs: v.optional(v.nullable(bootTime), null),
        ...given,
      }),
    ]),
  ),
  /** Servers of which nothing is ordered any more. */
  released: v.optional(v.array(v.object({ server: v.string(), since: bootTime, ...given })), []),
  /** The highest stamp ever seen. */
  lastStamp: v.optional(stampField, 0),
});

/** All orders in force, each with its `ServerId`. */
export type StandingOrders = Readonly<v.InferOutput<typeof schema>>;

/** Reads the file's one line; the error says what is wrong with it. */
export const decodeStandingOrders = (line: string): Outcome<StandingOrders, string> => decodeValue(schema, line);
