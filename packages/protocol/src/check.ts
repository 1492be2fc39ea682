// How a real server is checked: a closed union by the kind of check.
import * as v from 'valibot';
import { addressField, millisField, portField } from './fields.ts';

/** A program and its arguments. */
const argv = v.pipe(v.array(v.string()), v.minLength(1), v.readonly());

/** Of checks of all kinds. */
const common = {
  /** The virtual server as people write it, `VIP:PORT` or `fwmark N`: for log lines. */
  virtual: v.string(),
  address: addressField,
  port: portField,
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
};

const protocol = v.picklist(['tcp', 'udp']);

/** The answer to expect, escapes not yet decoded; null expects none. */
const expectation = { expect: v.nullable(v.string()), useRegex: v.boolean() };

export const checkField = v.variant('kind', [
  /** A connection, or a datagram that nobody refuses, is enough. */
  v.object({ kind: v.literal('connect'), ...common, protocol }),
  /** Something is sent, or an answer is expected, or both. */
  v.object({
    kind: v.literal('dialogue'),
    ...common,
    protocol,
    /** Text to send after connecting, escapes not yet decoded; null sends nothing. */
    send: v.nullable(v.string()),
    ...expectation,
  }),
  /** A program checks instead, by its status and perhaps its output. */
  v.object({ kind: v.literal('program'), ...common, program: argv, ...expectation }),
]);

/** One check of one real server. */
export type Check = Readonly<v.InferOutput<typeof checkField>>;

/** The check of one kind. */
export type CheckOf<Kind extends Check['kind']> = Extract<Check, { readonly kind: Kind }>;

/** All that lvs.cf and the options of nanny can say of a check. */
export type CheckParts = Omit<CheckOf<'dialogue'>, 'kind'> & {
  readonly program: CheckOf<'program'>['program'] | null;
};

const kindOf = ({ program, send, expect }: CheckParts): Check['kind'] => {
  if (program !== null) return 'program';
  return send === null && expect === null ? 'connect' : 'dialogue';
};

/** What each kind takes of the parts besides the common ones; what it has no use for is left out. */
const ownParts: { readonly [Kind in Check['kind']]: (parts: CheckParts) => Omit<CheckOf<Kind>, keyof typeof common> } =
  {
    connect: ({ protocol: over }) => ({ kind: 'connect', protocol: over }),
    dialogue: ({ protocol: over, send, expect, useRegex }) => ({
      ...{ kind: 'dialogue', protocol: over },
      ...{ send, expect, useRegex },
    }),
    // Without a program it is of another kind.
    program: ({ program, expect, useRegex }) => ({ kind: 'program', program: program ?? [], expect, useRegex }),
  };

/** The check of the kind that follows from its parts. */
export function checkFrom(parts: CheckParts): Check {
  const { virtual, address, port, timeout, fall, rise, load } = parts;
  return { ...ownParts[kindOf(parts)](parts), virtual, address, port, timeout, fall, rise, load };
}

const questionOf = (check: Check): string =>
  JSON.stringify({ ...check, virtual: undefined, fall: undefined, rise: undefined, load: undefined });

/** Whether two checks ask the same and take the same for an answer, in the same time: what one found is true of both. */
export const asksTheSame = (one: Check, other: Check): boolean => questionOf(one) === questionOf(other);
