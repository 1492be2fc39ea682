// "Did you mean …?"

// Two typing mistakes, but never more than half of a short word.
const tolerated = (text: string): number => Math.min(2, Math.floor(text.length / 2));

/** The candidate that `text` is most likely a misspelling of; undefined where none is near. Ignores case. */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  if (text.length > 40) return undefined;
  const distances = candidates
    .filter((candidate) => Math.abs(candidate.length - text.length) <= 2)
    .map((candidate) => ({ candidate, distance: editDistance(text.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= tolerated(text));
  return distances.toSorted((a, b) => a.distance - b.distance)[0]?.candidate;
}

/** How many letters have to be put in, left out, replaced or swapped with their neighbour (Damerau-Levenshtein). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = cell(last, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(
        Math.min(
          cell(last, column) + 1,
          cell(current, column - 1) + 1,
          replaced,
          swapped ? cell(beforeLast, column - 2) + 1 : Infinity,
        ),
      );
    }
    [beforeLast, last] = [last, current];
  }
  return cell(last, b.length);
}

const cell = (row: readonly number[], column: number): number => row[column] ?? Infinity;
