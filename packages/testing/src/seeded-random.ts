// Chance that repeats: the same seed gives the same numbers.

/** A stream of random numbers. */
export type Random = {
  /** From 0 up to, but not including, 1. */
  readonly fraction: () => number;
  readonly between: (low: number, high: number) => number;
  /** A whole number, both ends included. */
  readonly whole: (low: number, high: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(list: readonly [T, ...T[]]) => T;
};

/** Mixes the bits of a whole number: near ones come out far apart. */
export function mix(number: number): number {
  let bits = Math.imul(number ^ (number >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return (bits ^ (bits >>> 15)) >>> 0;
}

/** Starts a stream (a Weyl sequence, mixed). */
export function seededRandom(seed: number): Random {
  let position = mix(seed);
  const fraction = (): number => {
    position = (position + 0x9e3779b9) >>> 0;
    return mix(position) / 2 ** 32;
  };
  const whole = (low: number, high: number): number => low + Math.floor(fraction() * (high - low + 1));
  return {
    fraction,
    whole,
    between: (low, high) => low + fraction() * (high - low),
    chance: (probability) => fraction() < probability,
    pick: (list) => list[whole(0, list.length - 1)] ?? list[0],
  };
}
