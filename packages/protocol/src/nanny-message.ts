// What a nanny tells lvs on its standard output.
import type { Outcome } from '@piranha/domain';
import * as v from 'valibot';
import { levelField } from './fields.ts';
import { decodeValue } from './json.ts';

/** As much of a text as anybody reads: a nanny that was taken over must not fill the log, or an answer of lvs. */
const boundedText = v.pipe(
  v.string(),
  v.transform((text) => text.slice(0, 2048)),
);

const schema = v.variant('type', [
  /** The nanny listens: the first thing that it says. */
  v.object({ type: v.literal('ready') }),
  v.object({ type: v.literal('up'), watch: v.string() }),
  v.object({ type: v.literal('down'), watch: v.string(), reason: boundedText }),
  /** The load of a server that is up: its mean number of busy processes, as `uptime` has it. */
  v.object({ type: v.literal('load'), watch: v.string(), load: v.pipe(v.number(), v.finite(), v.minValue(0)) }),
  /** An administrator has sent the nanny a signal: the server is to be in or out whatever its checks say, or not any more. */
  v.object({ type: v.literal('force'), watch: v.string(), to: v.picklist(['up', 'down', 'auto']) }),
  /** Checks cannot be made for want of something on this router, and say nothing of the servers; null: they can again. */
  v.object({ type: v.literal('trouble'), problem: v.nullable(boundedText) }),
  /** The answer to `ping`. */
  v.object({ type: v.literal('alive') }),
  v.object({ type: v.literal('log'), level: levelField, text: boundedText }),
]);

/**
 * A sign of life; a verdict on a server, given once after the first check of a `watch` and then at each change; a
 * server's load; a signal's order; trouble of this router; or a line for the log.
 */
export type NannyMessage = Readonly<v.InferOutput<typeof schema>>;

/** Reads one line; the error says what is wrong with it. */
export const decodeNannyMessage = (line: string): Outcome<NannyMessage, string> => decodeValue(schema, line);
