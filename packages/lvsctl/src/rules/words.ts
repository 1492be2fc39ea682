// Numbers, lengths of time and columns as people read them.
import { visible } from '@piranha/domain';

/** `1 server`, `2 servers`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

/** `0.4s`, `12s`, `3m 12s`, `2d 4h`: the two largest units; tenths below ten seconds. */
export function lengthOf(lengthMs: number): string {
  if (lengthMs < 10_000) return `${Math.floor(lengthMs / 100) / 10}s`;
  let rest = Math.floor(lengthMs / 1000);
  const parts = units.map(([name, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return { name, count };
  });
  const first = parts.findIndex((part) => part.count > 0);
  return parts
    .slice(first, first + 2)
    .filter((part) => part.count > 0)
    .map((part) => `${part.count}${part.name}`)
    .join(' ');
}

/** Rows with their columns aligned, two blanks between them. */
export function columns(texts: readonly (readonly string[])[]): readonly string[] {
  // As they will be seen, for that is how wide they are.
  const rows = texts.map((row) => row.map(visible));
  const widths = rows.reduce<readonly number[]>(
    (widest, row) =>
      Array.from({ length: Math.max(widest.length, row.length) }, (_, at) =>
        Math.max(widest[at] ?? 0, row[at]?.length ?? 0),
      ),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
