// What pulse tells the send_arp that it keeps running, on its standard input.
import type { Outcome } from '@piranha/domain';
import * as v from 'valibot';
import { addressField, macField } from './fields.ts';
import { decodeValue } from './json.ts';

const where = {
  /** Network device, without an alias suffix. */
  device: v.string(),
  address: addressField,
  /** The device's own. */
  mac: macField,
};

const schema = v.variant('type', [
  /**
   * Say once that `address` is at `mac`, in both ARP forms or as a neighbour advertisement; `until`, where there is one, is
   * when that is worth nothing any more, in ms of the machine's monotonic clock.
   */
  v.object({ type: v.literal('announce'), ...where, until: v.optional(v.pipe(v.number(), v.finite())) }),
  /** Ask whether another station has `address`. */
  v.object({ type: v.literal('probe'), ...where }),
  /** Listen no longer to who has `address`: it was let go here. */
  v.object({ type: v.literal('forget'), device: v.string(), address: addressField }),
]);

/** An order to send_arp. */
export type SendArpCommand = Readonly<v.InferOutput<typeof schema>>;

/** Reads one line; the error says what is wrong with it. */
export const decodeSendArpCommand = (line: string): Outcome<SendArpCommand, string> => decodeValue(schema, line);
