// Rows of a comparison: medians, ratios, and how they are printed.

/** One thing that was measured of both programs; null where it could not be. */
export type Row = {
  readonly name: string;
  readonly unit: string;
  readonly ours: number | null;
  readonly keepalived: number | null;
  /** Ours divided by keepalived's. */
  readonly ratio: number | null;
};

/** The middle of several measurements; null of none. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

/** The mean of some values. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Makes a row of the medians of what was measured. */
export function row(name: string, unit: string, ours: readonly number[], keepalived: readonly number[]): Row {
  const [own, other] = [rounded(median(ours)), rounded(median(keepalived))];
  const ratio = own === null || other === null || other === 0 ? null : rounded(own / other);
  return { name, unit, ours: own, keepalived: other, ratio };
}

/** What can be told apart: whole numbers from 10 on, two digits behind the point below. */
const rounded = (value: number | null): number | null =>
  value === null ? null : value >= 10 ? Math.round(value) : Math.round(value * 100) / 100;

/** The rows as a table for people. */
export function tableOf(rows: readonly Row[]): string {
  const cell = (value: number | null): string => (value === null ? '-' : value.toLocaleString('en'));
  const lines = [
    ['', '', 'piranha-lvs', 'keepalived', 'ratio'],
    ...rows.map((each) => [each.name, each.unit, cell(each.ours), cell(each.keepalived), cell(each.ratio)]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const padded = (text: string, column: number): string =>
    column < 2 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  return lines.map((line) => line.map(padded).join('  ').trimEnd()).join('\n');
}

/** How much processor time a group of processes had used at a moment, both in ms. */
export type Sample = { readonly at: number; readonly cpu: number };

/** A group that uses less than this part of one processor is idle. */
const idleShare = 0.1;

/**
 * When the group did its last work, once it has been idle for `quiet` ms; undefined while it has not. Nothing was done
 * at all: the first sample's moment.
 */
export function idleSince(samples: readonly Sample[], quiet: number): number | undefined {
  const busy = samples.filter((sample, index) => {
    const before = samples[index - 1];
    return before !== undefined && sample.cpu - before.cpu > (sample.at - before.at) * idleShare;
  });
  const since = busy.at(-1)?.at ?? samples[0]?.at;
  const last = samples.at(-1)?.at;
  return since !== undefined && last !== undefined && last - since >= quiet ? since : undefined;
}
