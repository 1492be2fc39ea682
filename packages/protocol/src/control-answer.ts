// What pulse answers on its control socket: one line a connection. lvsctl(8) documents the names of the fields.
import type { Outcome } from '@piranha/domain';
import * as v from 'valibot';
import { addressField } from './fields.ts';
import { decodeValue } from './json.ts';
import { handedOn } from './lvs-command.ts';
import { reportSchema } from './lvs-report.ts';

const lengthMs = v.pipe(v.number(), v.finite());

const channel = v.object({
  name: v.picklist(['public', 'private']),
  /** The partner's end. */
  address: addressField,
  /** The last word that came this way; null where none did since the start. */
  said: v.nullable(v.picklist(['running', 'stopped', 'stop-me', 'hold', 'held'])),
  agoMs: v.nullable(lengthMs),
});

const floatingAddress = v.object({
  address: addressField,
  device: v.string(),
  /** Whether it is up on its device now; null where `ip` does not tell. */
  up: v.nullable(v.boolean()),
});

const status = v.object({
  type: v.literal('status'),
  version: v.string(),
  pid: v.number(),
  role: v.picklist(['primary', 'backup']),
  state: v.picklist(['inactive', 'taking-over', 'active', 'yielding', 'ending']),
  /** How long the state has been that. */
  sinceMs: lengthMs,
  file: v.string(),
  digest: v.string(),
  /** Null where there is no other router. */
  partner: v.nullable(
    v.object({
      /** What it says of itself; `nothing` after deadtime without a word. */
      said: v.picklist(['running', 'stopped', 'nothing']),
      heardAgoMs: v.nullable(lengthMs),
      channels: v.array(channel),
    }),
  ),
  addresses: v.array(floatingAddress),
  /** Why floating addresses could not be brought up or looked at; null where all is well. */
  addressProblem: v.nullable(v.string()),
  balancer: v.object({
    running: v.boolean(),
    /** Whether lvs can balance at all, as far as it has said. */
    table: v.picklist(['unknown', 'usable', 'unusable']),
    /** When lvs is started again; null while it runs. */
    restartInMs: v.nullable(lengthMs),
  }),
  /** What lvs answered; null where it did not. */
  lvs: v.nullable(reportSchema),
  /** Why there is no report of lvs; null where there is one. */
  lvsProblem: v.nullable(v.string()),
});

const schema = v.variant('type', [
  status,
  v.object({ type: v.literal('configuration'), ...handedOn }),
  /** The answer to an order that was carried out. */
  v.object({ type: v.literal('order-server'), text: v.string() }),
  v.object({ type: v.literal('error'), problem: v.string() }),
]);

/** One answer; `error` to a request that was not understood or can not be met. */
export type ControlAnswer = Readonly<v.InferOutput<typeof schema>>;

/** The answer to `status`. */
export type StatusAnswer = Readonly<v.InferOutput<typeof status>>;

/** Reads one line; the error says what is wrong with it. */
export const decodeControlAnswer = (line: string): Outcome<ControlAnswer, string> => decodeValue(schema, line);
