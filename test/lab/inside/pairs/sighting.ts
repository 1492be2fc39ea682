// The kernel's table as ipvsadm prints it.
import type { Table } from '@piranha/ipvs';
import { parseSaved, withThresholds } from '@piranha/ipvs';

/** The table as it was printed at one moment. */
export type Sighting = {
  /** Every line of `-S`, and every destination's thresholds with their service, sorted: the table as text alone. */
  readonly lines: readonly string[];
  /** The same as the product reads it. */
  readonly table: Table;
  /** Lines of `-S` that the product says nothing about. */
  readonly unknown: readonly string[];
};

/** Lines of a batch that make ipvsadm print the table. */
export const look = ['-S -n', '-L -n --thresholds'] as const;

/** Whether ipvsadm prints such a line at a look; it prints its complaints in between. */
export const isOfLook = (line: string): boolean => /^(?:-[Aa] |IP Virtual|Prot |[A-Z]+ +\S| +-> )/.test(line);

/** What each look of a batch has shown: `-S` prints lines that begin with a hyphen, the listing behind it others. */
export function sightingsIn(lines: readonly string[]): readonly Sighting[] {
  const starts = lines.flatMap((line, index) =>
    line.startsWith('-') && lines[index - 1]?.startsWith('-') !== true ? [index] : [],
  );
  return starts.map((start, index) => sightingOf(lines.slice(start, starts[index + 1])));
}

function sightingOf(lines: readonly string[]): Sighting {
  const saved = lines.filter((line) => line.startsWith('-'));
  const listing = lines.filter((line) => !line.startsWith('-'));
  const { table, unknown } = parseSaved(saved.join('\n'));
  return {
    lines: [...saved, ...thresholdLines(listing)].sort(),
    table: withThresholds(table, listing.join('\n')),
    unknown,
  };
}

/** `TCP 10.0.0.1:80 -> 10.0.0.2:80 10 5` */
function thresholdLines(listing: readonly string[]): readonly string[] {
  let service = '';
  return listing.slice(3).flatMap((line) => {
    const [arrow, place, upper, lower] = line.trim().split(/\s+/);
    if (arrow === '->') return [`${service} -> ${place ?? ''} ${upper ?? ''} ${lower ?? ''}`];
    service = line.replace(/^(FWM\s+\S+(?: IPv6)?|\S+\s+\S+).*/, '$1').replace(/\s+/g, ' ');
    return [];
  });
}
