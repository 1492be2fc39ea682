// What pulse answers on its control socket: one line a connection. lvsctl(8) documents the names of the fields.
import type { Outcome } from '@piranha/domain';
import * as v from 'valibot';
import { addressField, finiteField } from './fields.ts';
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

const term = v.pipe(v.number(), v.integer());
/** How fit a router is: 2 good; 1 it can serve, but a link is down; 0 it cannot serve. */
const nodeClass = v.picklist([0, 1, 2]);
/** Real servers known to be good; null for not known. */
const living = v.nullable(finiteField);

const connections = v.nullable(finiteField);

/** What this router makes of the pair. */
const pair = v.object({
  term,
  class: nodeClass,
  /** Why the class is not 2; null where nothing more is known. */
  classReason: v.nullable(v.string()),
  living,
  /** Whether an operator has placed the service: no automatic failback. */
  held: v.boolean(),
  /** Whether it asks the partner to hand over. */
  wants: v.boolean(),
  /** Whether the partner speaks as the original does. */
  kind: v.picklist(['unknown', 'pair', 'original']),
  /** What an administrator has to see to; null for nothing. */
  alarm: v.nullable(v.string()),
  /** In this router's table, active and inactive; null where they are not counted. */
  connections,
});

/** What the partner says of itself in its heartbeats; null where it has not said so, or is an original. */
const partnerWords = {
  term: v.nullable(term),
  class: v.nullable(nodeClass),
  living,
  /** Of its configuration. */
  digest: v.nullable(v.string()),
  hearsUs: v.nullable(v.boolean()),
  /** Whether its heartbeats carry a valid signature; null where nobody looks. */
  authenticated: v.nullable(v.boolean()),
  connections,
  /** Servers about which it has not got our last word; null where it has said nothing of them. */
  lacksOrders: v.nullable(v.array(v.string())),
};

const floatingAddress = v.object({
  address: addressField,
  device: v.string(),
  /** Whether this machine has it now, on any device; null where `ip` does not tell. */
  up: v.nullable(v.boolean()),
  /** The devices that carry it. */
  on: v.optional(v.array(v.string()), []),
  /** Whether somebody else than pulse has put it there; null where `ip` does not tell. */
  foreign: v.optional(v.nullable(v.boolean()), null),
  /** Whether its device carries frames; `absent` where there is no such device, null where `ip` does not tell. */
  link: v.optional(v.nullable(v.picklist(['up', 'down', 'absent'])), null),
});

const status = v.object({
  type: v.literal('status'),
  version: v.string(),
  pid: finiteField,
  role: v.picklist(['primary', 'backup']),
  state: v.picklist(['inactive', 'taking-over', 'active', 'yielding', 'ending']),
  /** How long the state has been that. */
  sinceMs: lengthMs,
  file: v.string(),
  digest: v.string(),
  pair,
  /** Null where there is no other router. */
  partner: v.nullable(
    v.object({
      /** What it says of itself; `nothing` after deadtime without a word. */
      said: v.picklist(['running', 'stopped', 'nothing']),
      heardAgoMs: v.nullable(lengthMs),
      channels: v.array(channel),
      ...partnerWords,
      /** Datagrams that were refused, counted by reason. */
      refused: v.record(v.string(), finiteField),
    }),
  ),
  /** What is wrong on this router that pulse itself noticed, in words; lvs has its own. */
  troubles: v.optional(v.array(v.string()), []),
  addresses: v.array(floatingAddress),
  /** Whether the links count (monitor_links): one that is down makes this router the worse one. */
  linksCount: v.optional(v.boolean(), false),
  /** Why floating addresses could not be brought up or looked at; null where all is well. */
  addressProblem: v.nullable(v.string()),
  balancer: v.object({
    running: v.boolean(),
    /** Whether lvs can balance at all, as far as it has said. */
    table: v.picklist(['unknown', 'usable', 'unusable']),
    /** How long lvs has given no sign of life; null where it does not run. */
    silentMs: v.nullable(lengthMs),
    /** When lvs is started again; null while it runs. */
    restartInMs: v.nullable(lengthMs),
  }),
  /** What lvs answered; null where it did not. */
  lvs: v.nullable(reportSchema),
  /** Why there is no report of lvs; null where there is one. */
  lvsProblem: v.nullable(v.string()),
});

/** pulse has not begun yet. */
const waiting = v.object({
  type: v.literal('waiting'),
  version: v.string(),
  pid: finiteField,
  file: v.string(),
  /** For how long. */
  sinceMs: lengthMs,
  /** What it waits for, in words. */
  problem: v.string(),
});

const schema = v.variant('type', [
  status,
  /** The answer to `status` before pulse could begin. */
  waiting,
  v.object({ type: v.literal('configuration'), ...handedOn }),
  /** The answer to an order that was carried out; and why a restart of lvs would forget it, null where it would not. */
  v.object({ type: v.literal('order-server'), text: v.string(), unsaved: v.optional(v.nullable(v.string()), null) }),
  /** The answer to `switch`: what happens now. */
  v.object({ type: v.literal('switch'), text: v.string() }),
  /** The answer to `reload`: why the file was not put in force, one line for each complaint; none where it was. */
  v.object({ type: v.literal('reload'), problems: v.array(v.string()) }),
  v.object({ type: v.literal('error'), problem: v.string() }),
]);

/** One answer; `error` to a request that was not understood or cannot be met. */
export type ControlAnswer = Readonly<v.InferOutput<typeof schema>>;

/** The answer to `status` of a pulse that waits for its address. */
export type WaitingAnswer = Readonly<v.InferOutput<typeof waiting>>;

/** The answer to `status`. */
export type StatusAnswer = Readonly<v.InferOutput<typeof status>>;

/** Reads one line; the error says what is wrong with it. */
export const decodeControlAnswer = (line: string): Outcome<ControlAnswer, string> => decodeValue(schema, line);
