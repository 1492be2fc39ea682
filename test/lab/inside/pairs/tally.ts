// What was tried, for whoever reads the result: a generator that makes nothing of interest proves nothing.
export type Tried = {
  /** Files that the generator made and the parser refused: they count for nothing. */
  readonly refused: number;
  /** Reloads that changed nothing. */
  readonly idle: number;
  /** How many lines of each letter were given to ipvsadm in reloads. */
  readonly lines: Readonly<Record<string, number>>;
  /** Every option, scheduler and flag that stood in a table. */
  readonly words: readonly string[];
};

export type Tally = {
  readonly refuse: () => void;
  /** The lines of a reload, and the table after it as it was printed. */
  readonly reload: (given: readonly string[], printed: readonly string[]) => void;
  readonly tried: () => Tried;
};

export function newTally(): Tally {
  let [refused, idle] = [0, 0];
  const lines: Record<string, number> = {};
  const words = new Set<string>();
  return {
    refuse: () => {
      refused += 1;
    },
    reload: (given, printed) => {
      if (given.length === 0) idle += 1;
      for (const letter of given.map((line) => line.slice(0, 2))) lines[letter] = (lines[letter] ?? 0) + 1;
      const all = printed.filter((line) => line.startsWith('-')).flatMap((line) => line.split(/[ ,]/));
      for (const word of all) if (/^(?:-\D|-6$|[a-z])/.test(word)) words.add(word);
    },
    tried: () => ({ refused, idle, lines, words: [...words].sort() }),
  };
}
