// What an administrator's tool asks pulse on its control socket: one line a connection.
import type { Outcome } from '@piranha/domain';
import * as v from 'valibot';
import { decodeValue } from './json.ts';
import { serverOrderSchema } from './server-order.ts';

const schema = v.variant('type', [
  /** How the pair, the addresses and the servers stand. */
  v.object({ type: v.literal('status') }),
  /** The configuration in force, as it was read. */
  v.object({ type: v.literal('configuration') }),
  /** Something about one real server. */
  v.object({ type: v.literal('order-server'), order: serverOrderSchema }),
  /** The two routers are to change places; `force`: also where that is not advisable. */
  v.object({ type: v.literal('switch'), force: v.boolean() }),
  /** The file is to be read again. */
  v.object({ type: v.literal('reload') }),
]);

/** One request. */
export type ControlRequest = Readonly<v.InferOutput<typeof schema>>;

/** Reads one line; the error says what is wrong with it. */
export const decodeControlRequest = (line: string): Outcome<ControlRequest, string> => decodeValue(schema, line);
