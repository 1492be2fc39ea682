// What lvs tells a nanny on its standard input.
import type { Outcome } from '@piranha/domain';
import * as v from 'valibot';
import { addressField, millisField, portField } from './fields.ts';
import { decodeValue } from './json.ts';

/** A program and its arguments. */
const argv = v.pipe(v.array(v.string()), v.minLength(1), v.readonly());

const check = v.object({
  /** The virtual server as people write it, `VIP:PORT` or `fwmark N`: for log lines. */
  virtual: v.string(),
  address: addressField,
  port: portField,
  protocol: v.picklist(['tcp', 'udp']),
  /** Text to send after connecting, escapes not yet decoded; null sends nothing. */
  send: v.nullable(v.string()),
  /** Answer to expect, escapes not yet decoded; null expects none. */
  expect: v.nullable(v.string()),
  useRegex: v.boolean(),
  /** Program and arguments that replace the network check; null for none. */
  program: v.nullable(argv),
  /** Pause between checks and the limit of one, in ms. */
  timeout: millisField,
  /** How many failures in a row take the server out. */
  fall: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** How many successes in a row bring it back. */
  rise: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /**
   * A program that tells the server's load, and how often it is asked while the server is up; null for none. Where it
   * tells of many hosts, a line for each, `host` begins the server's line; null where it tells of the server alone.
   */
  load: v.nullable(v.object({ program: argv, every: millisField, host: v.nullable(v.string()) })),
});

const schema = v.variant('type', [
  v.object({
    type: v.literal('watch'),
    server: v.string(),
    check,
    /** What lvs knows of the server: a nanny that was restarted does not bring it back sooner. */
    known: v.picklist(['unknown', 'up', 'down']),
  }),
  v.object({ type: v.literal('forget'), server: v.string() }),
  v.object({ type: v.literal('check'), server: v.string() }),
  v.object({ type: v.literal('ping') }),
]);

/** One service check of one real server. */
export type Check = Readonly<v.InferOutput<typeof check>>;

const questionOf = ({ address, port, protocol, send, expect, useRegex, program, timeout }: Check): string =>
  JSON.stringify([address, port, protocol, send, expect, useRegex, program, timeout]);

/** Whether two checks ask the same and take the same for an answer, in the same time: what one found is true of both. */
export const asksTheSame = (one: Check, other: Check): boolean => questionOf(one) === questionOf(other);

/**
 * An order to a nanny: `watch` begins (or replaces) the check of a server, `forget` ends it; `check` checks it now, and
 * this once a single good result brings it back; `ping` is answered `alive`.
 */
export type NannyCommand = Readonly<v.InferOutput<typeof schema>>;

/** Reads one line; the error says what is wrong with it. */
export const decodeNannyCommand = (line: string): Outcome<NannyCommand, string> => decodeValue(schema, line);
