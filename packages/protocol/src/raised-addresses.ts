// The addresses that pulse has brought up, as it keeps them in a file: a later life finds there what may be left over.
import type { Outcome } from '@piranha/domain';
import * as v from 'valibot';
import { addressField } from './fields.ts';
import { decodeValue } from './json.ts';

const schema = v.object({
  type: v.literal('raised'),
  /** Each with its network device, without an alias suffix. */
  addresses: v.array(v.object({ address: addressField, device: v.string() })),
});

/** All addresses that may be up. */
export type RaisedAddresses = Readonly<v.InferOutput<typeof schema>>;

/** Reads the file's one line; the error says what is wrong with it. */
export const decodeRaisedAddresses = (line: string): Outcome<RaisedAddresses, string> => decodeValue(schema, line);
