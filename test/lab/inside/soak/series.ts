// Figures over time: where they began, where they ended, how they rise.
import { median } from '../bench/rows.ts';

export type Point = { readonly at: number; readonly value: number };

export type Trend = {
  readonly first: number;
  /** Medians of the first and of the last fifth. */
  readonly early: number;
  readonly late: number;
  readonly slopePerHour: number;
};

const hour = 3_600_000;

export const lengthOf = (points: readonly Point[]): number => (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0);

/** Undefined of nothing. */
export function trendOf(points: readonly Point[]): Trend | undefined {
  const values = points.map(({ value }) => value);
  const fifth = Math.max(1, Math.floor(values.length / 5));
  const [first, early, late] = [values[0], median(values.slice(0, fifth)), median(values.slice(-fifth))];
  if (first === undefined || early === null || late === null) return undefined;
  return { first, early, late, slopePerHour: slope(points) * hour };
}

/** Of the line with the least squares. */
function slope(points: readonly Point[]): number {
  const mean = (of: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [at, value] = [mean((point) => point.at), mean((point) => point.value)];
  const across = mean((point) => (point.at - at) * (point.value - value));
  const along = mean((point) => (point.at - at) ** 2);
  return along === 0 ? 0 : across / along;
}
