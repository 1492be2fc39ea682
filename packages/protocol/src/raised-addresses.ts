// The addresses that pulse has brought up, as it keeps them in a file: a later life finds there what may be left over.
import type { Outcome } from '@piranha/domain';
import * as v from 'valibot';
import { addressField } from './fields.ts';
import { decodeValue } from './json.ts';

const schema = v.object({
  type: v.literal('raised'),
  addresses: v.array(
    v.object({
      address: addressField,
      /** The file's network device, without an alias suffix. */
      device: v.string(),
      /** As the kernel shows it; left out where any may be ours. */
      label: v.optional(v.string()),
      /** The kernel's number of the device, which stays when it gets another name; left out where it is not known. */
      index: v.optional(v.number()),
      /** The length of its mask; left out in a file of an earlier version. */
      prefix: v.optional(v.number()),
    }),
  ),
});

/** All addresses that may be up. */
export type RaisedAddresses = Readonly<v.InferOutput<typeof schema>>;

/** One of them: what it is known again by. */
export type RaisedAddress = Readonly<RaisedAddresses['addresses'][number]>;

/** Reads the file's one line; the error says what is wrong with it. */
export const decodeRaisedAddresses = (line: string): Outcome<RaisedAddresses, string> => decodeValue(schema, line);
