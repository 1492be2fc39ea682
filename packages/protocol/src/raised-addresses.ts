// The addresses that pulse has brought up, as it keeps them in a file and tells lvs: a later life finds there what may be
// left over.
import type { IpAddress, Outcome } from '@piranha/domain';
import * as v from 'valibot';
import { addressField } from './fields.ts';
import { decodeValue } from './json.ts';

/** One of them: what it is known again by. */
export type RaisedAddress = {
  readonly address: IpAddress;
  /** The file's network device, without an alias suffix. */
  readonly device: string;
  /** As the kernel shows it; left out where any may be ours. */
  readonly label?: string | undefined;
  /** The kernel's number of the device, which stays when it gets another name; left out where it is not known. */
  readonly index?: number | undefined;
  /** The length of its mask; left out in a file of an earlier version. */
  readonly prefix?: number | undefined;
};

/** Any number of them. */
export const raisedField: v.GenericSchema<unknown, readonly RaisedAddress[]> = v.array(
  v.object({
    address: addressField,
    device: v.string(),
    label: v.optional(v.string()),
    index: v.optional(v.number()),
    prefix: v.optional(v.number()),
  }),
);

const schema = v.object({ type: v.literal('raised'), addresses: raisedField });

/** All addresses that may be up. */
export type RaisedAddresses = Readonly<v.InferOutput<typeof schema>>;

/** Reads the file's one line; the error says what is wrong with it. */
export const decodeRaisedAddresses = (line: string): Outcome<RaisedAddresses, string> => decodeValue(schema, line);
