// How a check ends: well, or with a reason in words; or the router itself could not make it.
import type { Outcome } from '@piranha/domain';
import { failure } from '@piranha/domain';
import { describeError } from './describe.ts';

/** This router could not make the check: that says nothing of the server. */
type NotMade = { readonly ok: false; readonly error: string; readonly notMade: true };

/** What a check or a query found. */
export type Checked<T> = Outcome<T, string> | NotMade;

/** The result of one check. */
export type CheckResult = Checked<null>;

/** No verdict, whatever is known of the server. */
export const notMade = (error: string): NotMade => ({ ok: false, error, notMade: true });

/** Whether it says nothing of the server. */
export const isNotMade = (result: Checked<unknown>): result is NotMade => 'notMade' in result;

/** What this router has run out of: descriptors, memory, processes, local ports. */
const ownTroubles: ReadonlySet<string | undefined> = new Set(
  ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EAGAIN', 'EADDRNOTAVAIL'], // prettier-ignore
);

/** A system call failed: is the server to blame, or this router? */
export function systemFailure(error: NodeJS.ErrnoException, inWords = describeError): Checked<never> {
  const reason = inWords(error);
  return ownTroubles.has(error.code) ? notMade(reason) : failure(reason);
}
