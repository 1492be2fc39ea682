// What an administrator orders about one real server, whatever its checks say.
import * as v from 'valibot';
import { millisField } from './fields.ts';

/** By the names of their blocks, or by their addresses. */
const which = { virtual: v.string(), server: v.string() };

export const serverOrderSchema = v.variant('type', [
  /** No new connections; out of the table when those there are have ended, or after `timeoutMs` (null: however long it takes). */
  v.object({ type: v.literal('drain'), ...which, timeoutMs: v.nullable(millisField) }),
  v.object({ type: v.literal('undrain'), ...which }),
  /** In or out of service at once; `auto`: as its checks say. */
  v.object({ type: v.literal('force'), ...which, to: v.picklist(['up', 'down', 'auto']) }),
]);

/** One order. */
export type ServerOrder = Readonly<v.InferOutput<typeof serverOrderSchema>>;
