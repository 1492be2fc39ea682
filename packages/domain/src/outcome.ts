// Expected failures are values; only bugs throw.

/** The result of something that may fail for a reason its caller has to deal with. */
export type Outcome<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/** A success. */
export const success = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

/** A failure that was expected to be possible. */
export const failure = <E>(error: E): { readonly ok: false; readonly error: E } => ({ ok: false, error });
