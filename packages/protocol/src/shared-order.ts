// Orders about servers as two routers tell them to each other: the last word about each server, with durations in place
// of moments, for their clocks differ.
import type { Millis } from '@piranha/domain';
import * as v from 'valibot';

/** Beyond every counter that has only ever been raised by orders. */
export const lastStamp = 2 ** 48;

/** Above the highest that is known, so far a word of the partner counts: it may have given many while it was not heard. */
export const mostStampStep = 2 ** 20;

/** Where two registers differ the higher stamp counts; 0 for what was ordered before there were stamps. */
export const stampField = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(lastStamp));

const length = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));

const common = {
  /** `ServerId` of the IPVS table. */
  server: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
  stamp: stampField,
  /** How long ago it was given. */
  agoMs: length,
};

export const sharedOrderSchema = v.variant('type', [
  v.object({ type: v.literal('force'), ...common, to: v.picklist(['up', 'down']) }),
  v.object({
    type: v.literal('drain'),
    ...common,
    /** As it was ordered, and what is left of it; null: however long it takes. */
    timeoutMs: v.nullable(length),
    leftMs: v.nullable(length),
  }),
  /** Nothing is ordered any more. */
  v.object({ type: v.literal('release'), ...common }),
]);

/** The last word about one server. */
export type SharedOrder = Readonly<v.InferOutput<typeof sharedOrderSchema>>;

/** The same order some time later. */
export function aged(order: SharedOrder, by: Millis): SharedOrder {
  const passed = Math.max(0, Math.round(by));
  const older = { ...order, agoMs: order.agoMs + passed };
  return older.type === 'drain' && older.leftMs !== null
    ? { ...older, leftMs: Math.max(0, older.leftMs - passed) }
    : older;
}

/** Whether both say the same, however much time has passed between them. */
export const saysTheSame = (one: SharedOrder, other: SharedOrder): boolean =>
  one.stamp === other.stamp && contentOf(one) === contentOf(other);

function contentOf(order: SharedOrder): string {
  switch (order.type) {
    case 'force':
      return order.to;
    case 'drain':
      return `drain ${order.timeoutMs}`;
    case 'release':
      return order.type;
  }
}
