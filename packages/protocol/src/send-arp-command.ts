// What pulse tells the send_arp that it keeps running, on its standard input.
import type { Outcome } from '@piranha/domain';
import * as v from 'valibot';
import { addressField, macField } from './fields.ts';
import { decodeValue } from './json.ts';

const schema = v.variant('type', [
  v.object({
    type: v.literal('announce'),
    /** Network device, without an alias suffix. */
    device: v.string(),
    address: addressField,
    mac: macField,
  }),
]);

/** An order to send_arp: say once, in both ARP forms, that `address` is at `mac`. */
export type SendArpCommand = Readonly<v.InferOutput<typeof schema>>;

/** Reads one line; the error says what is wrong with it. */
export const decodeSendArpCommand = (line: string): Outcome<SendArpCommand, string> => decodeValue(schema, line);
