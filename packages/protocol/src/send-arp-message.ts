// What send_arp tells pulse on its standard output.
import type { Outcome } from '@piranha/domain';
import * as v from 'valibot';
import { addressField, macField } from './fields.ts';
import { decodeValue } from './json.ts';

const schema = v.variant('type', [
  /** The answer to a `probe`, where there is one: another station says that the address is its own. */
  v.object({ type: v.literal('taken'), device: v.string(), address: addressField, mac: macField }),
  /** Announcements were read after their time, and left out. */
  v.object({ type: v.literal('late'), count: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
]);

/** What was heard on the network. */
export type SendArpMessage = Readonly<v.InferOutput<typeof schema>>;

/** Reads one line; the error says what is wrong with it. */
export const decodeSendArpMessage = (line: string): Outcome<SendArpMessage, string> => decodeValue(schema, line);
