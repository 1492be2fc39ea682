// scripts/simulate: plays random schedules on all processors, or one with its whole course.
import { availableParallelism } from 'node:os';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { courseOf, explain } from './explain.ts';
import type { Much, Sum } from './many.ts';
import { add, describeSum, nothing, playMany } from './many.ts';

type Options = { readonly hours: number; readonly seed: number; readonly timeline: boolean };

/** So many failures are made small and told. */
const explained = 10;
const tellEvery = 100;

function readOptions(words: readonly string[]): Options {
  const valueOf = (name: string, otherwise: number): number => {
    const index = words.indexOf(name);
    return index < 0 ? otherwise : Number(words[index + 1]);
  };
  return {
    hours: valueOf('--hours', 10),
    seed: valueOf('--seed', Date.now() % 1e9),
    timeline: words.includes('--timeline'),
  };
}

/** A share of the schedules in a thread of its own. */
function share(much: Much, tell: (sum: Sum) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(process.argv[1] ?? '', { workerData: much });
    worker.on('message', tell);
    worker.on('error', reject);
    worker.on('exit', () => {
      resolve();
    });
  });
}

function work(much: Much): void {
  const sum = playMany(much, (now) => {
    if (now.played % tellEvery === 0) parentPort?.postMessage(now);
  });
  parentPort?.postMessage(sum);
}

async function play({ hours, seed }: Options): Promise<number> {
  const threads = availableParallelism();
  const sums = new Map<number, Sum>();
  const total = (): Sum => [...sums.values()].reduce(add, nothing);
  let told = 0;
  console.log(`seeds from ${seed} on, ${hours} simulated hours`);
  await Promise.all(
    Array.from({ length: threads }, (_, number) =>
      share({ hours: hours / threads, count: Infinity, seed: seed + number, stride: threads }, (sum) => {
        sums.set(number, sum);
        if (total().played < told + 1000) return;
        told = total().played;
        console.log(describeSum(total()));
      }),
    ),
  );
  console.log(describeSum(total()));
  for (const failed of total().failed.slice(0, explained)) console.log(`\n${explain(failed).join('\n')}`);
  return total().failed.length === 0 ? 0 : 1;
}

function show(seed: number): number {
  const { lines, good } = courseOf(seed);
  for (const line of lines) console.log(line);
  return good ? 0 : 1;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  process.exitCode = options.timeline ? show(options.seed) : await play(options);
}

if (isMainThread) void main();
else work(workerData as Much);
