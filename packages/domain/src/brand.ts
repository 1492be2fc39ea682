// Types that look alike to the machine but must not be mixed up by people.

declare const brand: unique symbol;

/** A `Base` that only its own parser or maker can produce. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
