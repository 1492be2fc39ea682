// What lvs knows of its table and servers, as it answers when pulse asks.
import * as v from 'valibot';
import { addressField, finiteField, portField } from './fields.ts';

const lengthMs = v.pipe(v.number(), v.finite());

/** On which router it was ordered. */
const from = v.picklist(['here', 'partner']);

const realServer = v.object({
  /** The name of its block. */
  name: v.string(),
  /** `ServerId` of the IPVS table: `tcp 10.0.0.1:80/10.2.0.11:8080`. */
  id: v.string(),
  address: addressField,
  port: portField,
  health: v.picklist(['unknown', 'up', 'down']),
  /** How long that has been so; null where it is not checked now. */
  sinceMs: v.nullable(lengthMs),
  /** Why it is down; empty otherwise. */
  reason: v.string(),
  /** What an administrator has ordered of it; null for nothing. */
  order: v.nullable(
    v.variant('type', [
      v.object({ type: v.literal('force'), to: v.picklist(['up', 'down']), sinceMs: lengthMs, from }),
      v.object({
        type: v.literal('drain'),
        sinceMs: lengthMs,
        from,
        /** Whether it is out of the table. */
        drained: v.boolean(),
        /** When it leaves the table whatever connections it has; null: not before they have ended. */
        leftMs: v.nullable(lengthMs),
      }),
    ]),
  ),
  /** The weight that lvs gives it now, and when that doubles (slow start); null where it is not up. */
  ramp: v.optional(v.nullable(v.object({ weight: finiteField, doubleInMs: v.nullable(lengthMs) })), null),
  /** As the kernel has it; null where it is not in the table, as far as that is known. */
  weight: v.nullable(finiteField),
  /** As the kernel counts them at this moment; null where it does not. */
  activeConnections: v.nullable(finiteField),
  inactiveConnections: v.nullable(finiteField),
});

const virtualServer = v.object({
  name: v.string(),
  /** Its key in the table: `tcp 10.0.0.1:80`, `fwmark 5`. */
  service: v.string(),
  scheduler: v.string(),
  /** Null where the file names none. */
  sorryServer: v.nullable(v.object({ address: addressField, serves: v.boolean() })),
  servers: v.array(realServer),
});

/** One line for ipvsadm that had no effect. */
const failedLine = v.object({ line: v.string(), virtual: v.string(), problem: v.string() });

/** The parts of a report; the message adds its type and number. */
const reportEntries = {
  role: v.picklist(['waiting', 'standby', 'active', 'fencing', 'fenced', 'ending']),
  /** Names the configuration in force; null before the first. */
  digest: v.nullable(v.string()),
  table: v.object({
    /** Why it cannot be read, or its connection timeouts not be set; null where all is well. */
    problem: v.nullable(v.string()),
    /** The first of them; `failedCount` has them all. */
    failed: v.array(failedLine),
    failedCount: finiteField,
    /** The connection timeouts (s) that the kernel was given; null while it has its own. */
    timeouts: v.optional(v.nullable(v.object({ tcp: finiteField, tcpFin: finiteField, udp: finiteField })), null),
    /** When that is tried again; null where nothing is. */
    retryInMs: v.nullable(lengthMs),
  }),
  /** What is wrong on this router that no server is judged by, in words; the first line of each is in the log, too. */
  troubles: v.optional(v.array(v.string()), []),
  /** Addresses of this machine, as they were when lvs started. */
  ownAddresses: v.optional(v.array(v.string()), []),
  /** Keys of the services that are ours to change and remove. */
  owned: v.array(v.string()),
  /** The active ones of the configuration in force. */
  virtualServers: v.array(virtualServer),
} as const;

export const reportSchema = v.object(reportEntries);

export type LvsReport = Readonly<v.InferOutput<typeof reportSchema>>;
export type ReportedVirtual = Readonly<v.InferOutput<typeof virtualServer>>;
export type ReportedServer = Readonly<v.InferOutput<typeof realServer>>;
