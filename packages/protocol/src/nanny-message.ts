// What a nanny tells lvs on its standard output.
import type { Outcome } from '@piranha/domain';
import * as v from 'valibot';
import { levelField } from './fields.ts';
import { decodeValue } from './json.ts';

const schema = v.variant('type', [
  /** The nanny listens: the first thing that it says. */
  v.object({ type: v.literal('ready') }),
  v.object({ type: v.literal('up'), server: v.string() }),
  v.object({ type: v.literal('down'), server: v.string(), reason: v.string() }),
  v.object({ type: v.literal('log'), level: levelField, text: v.string() }),
]);

/**
 * That the nanny listens; a verdict on a server, given once after the first check of a `watch` and then at each change; or a line for the log.
 */
export type NannyMessage = Readonly<v.InferOutput<typeof schema>>;

/** Reads one line; the error says what is wrong with it. */
export const decodeNannyMessage = (line: string): Outcome<NannyMessage, string> => decodeValue(schema, line);
