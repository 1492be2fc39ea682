// Reloads against the kernel, in the network namespace that this program was started in: for random pairs of files the
// planned lines turn the table of the one into exactly the table of a fresh start with the other. Says as JSON what was
// done and, where that does not hold, the smallest files that show it.
//
//   node table-pairs.cjs SEED PAIRS
import type { Configuration } from '@piranha/config';
import { configurationFromText } from '@piranha/config';
import fc from 'fast-check';
import { nowMs } from './command.ts';
import type { Words } from './pairs/any-file.ts';
import { anyTwoFiles, anyWords } from './pairs/any-file.ts';
import type { File } from './pairs/file.ts';
import { textOf } from './pairs/file.ts';
import { foreignCounters, setUpForeign } from './pairs/foreign.ts';
import { printedForms } from './pairs/forms.ts';
import type { Ipvsadm } from './pairs/ipvsadm.ts';
import { openIpvsadm } from './pairs/ipvsadm.ts';
import { keptByReload } from './pairs/kept.ts';
import type { Bench } from './pairs/reload.ts';
import { reload } from './pairs/reload.ts';
import type { Tried } from './pairs/tally.ts';
import { newTally } from './pairs/tally.ts';

/** What was done, and the smallest pair of files for which it went wrong. */
export type PairsDone = {
  readonly seed: number;
  readonly pairs: number;
  readonly seconds: number;
  readonly tried: Tried;
  /** Counters of a service that is somebody else's, before and after everything. */
  readonly counters: readonly [readonly string[], readonly string[]];
  readonly problem: Problem | undefined;
};

/** Beside the pairs: the forms that ipvsadm prints, and what one reload leaves alone. */
export type TablesSeen = {
  readonly forms: Awaited<ReturnType<typeof printedForms>>;
  readonly kept: Awaited<ReturnType<typeof keptByReload>>;
  readonly pairs: PairsDone;
};

type Problem = {
  readonly text: string;
  readonly old: string;
  readonly new: string;
  readonly health: readonly [Words, Words];
  readonly shrinks: number;
};

/** All pairs, and the making smaller of a failure, end by then (ms). */
const limitMs = 360_000;

const configurationOf = (file: File): Configuration | undefined => {
  const loaded = configurationFromText('lvs.cf', textOf(file), {});
  return loaded.ok ? loaded.value.configuration : undefined;
};

/** Any two files that are valid: those that are not are counted and do not count. */
const property = (bench: Bench) =>
  fc.asyncProperty(anyTwoFiles, anyWords, anyWords, async ([first, second], oldWords, nowWords) => {
    const [old, now] = [configurationOf(first), configurationOf(second)];
    if (old === undefined || now === undefined) bench.tally.refuse();
    fc.pre(old !== undefined && now !== undefined);
    await reload(bench, [old, now], [oldWords, nowWords]);
  });

type Checked = fc.RunDetails<[readonly [File, File], Words, Words]>;

function problemOf({ failed, counterexample, numShrinks, errorInstance }: Checked): Problem | undefined {
  if (!failed || counterexample === null) return undefined;
  const [[old, now], oldWords, nowWords] = counterexample;
  const text = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return { text, old: textOf(old), new: textOf(now), health: [oldWords, nowWords], shrinks: numShrinks };
}

async function pairs(ipvsadm: Ipvsadm, seed: number, count: number): Promise<PairsDone> {
  const { foreign, counters } = await setUpForeign(ipvsadm);
  const bench: Bench = { ipvsadm, foreign, tally: newTally(), leftOver: [] };
  const began = nowMs();
  const checked = await fc.check(property(bench), { seed, numRuns: count, interruptAfterTimeLimit: limitMs });
  const seconds = Math.round((nowMs() - began) / 100) / 10;
  const tried = bench.tally.tried();
  const after = await foreignCounters();
  return { seed, pairs: checked.numRuns, seconds, tried, counters: [counters, after], problem: problemOf(checked) };
}

async function main(seed: number, count: number): Promise<TablesSeen> {
  const ipvsadm = openIpvsadm();
  try {
    const forms = await printedForms(ipvsadm);
    const kept = await keptByReload(ipvsadm);
    return { forms, kept, pairs: await pairs(ipvsadm, seed, count) };
  } finally {
    ipvsadm.close();
  }
}

void main(Number(process.argv[2]), Number(process.argv[3])).then((seen) =>
  process.stdout.write(`${JSON.stringify(seen)}\n`),
);
