// Lengths of time, in milliseconds.
import type { Brand } from './brand.ts';

/** A length of time in milliseconds; may have a fraction. */
export type Millis = Brand<number, 'Millis'>;

/** `count` milliseconds. */
export const milliseconds = (count: number): Millis => count as Millis;

/** `count` seconds (decimals allowed) as milliseconds. */
export const seconds = (count: number): Millis => (count * 1000) as Millis;

/** A wait that doubles with every failure, from `first` up to `most`. */
export const backoff = (failures: number, first: Millis, most: Millis): Millis =>
  milliseconds(Math.min(first * 2 ** Math.min(failures, 16), most));
