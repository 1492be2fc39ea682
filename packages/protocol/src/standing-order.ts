// Orders in force, as lvs keeps them in a file between two of its lives.
import type { Outcome } from '@piranha/domain';
import * as v from 'valibot';
import { decodeValue } from './json.ts';

/** Milliseconds on the machine's monotonic clock, which goes on when processes end and begins anew with each boot. */
const bootTime = v.pipe(v.number(), v.finite());

const schema = v.object({
  type: v.literal('orders'),
  orders: v.array(
    v.variant('type', [
      v.object({ type: v.literal('force'), server: v.string(), to: v.picklist(['up', 'down']), since: bootTime }),
      v.object({
        type: v.literal('drain'),
        server: v.string(),
        since: bootTime,
        /** Null: however long it takes. */
        deadline: v.nullable(bootTime),
        drained: v.boolean(),
      }),
    ]),
  ),
});

/** All orders in force, each with its `ServerId`. */
export type StandingOrders = Readonly<v.InferOutput<typeof schema>>;

/** Reads the file's one line; the error says what is wrong with it. */
export const decodeStandingOrders = (line: string): Outcome<StandingOrders, string> => decodeValue(schema, line);
