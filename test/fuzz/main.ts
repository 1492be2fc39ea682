// scripts/fuzz: runs the targets that are asked for, and tells what came of each.
import { run as controlSocket } from './control-socket.ts';
import { run as datagrams } from './datagrams.ts';
import { run as endlessLines } from './endless-lines.ts';
import { run as flood } from './flood.ts';
import { run as lines } from './lines.ts';
import { run as lvsCf } from './lvs-cf.ts';
import { run as openDatagrams } from './open-datagrams.ts';
import { run as serverAnswers } from './server-answers.ts';
import type { Result, Run } from './fuzz.ts';

const targets: Readonly<Record<string, Run>> = {
  'lvs.cf': lvsCf,
  datagrams,
  'open-datagrams': openDatagrams,
  lines,
  'endless-lines': endlessLines,
  'control-socket': controlSocket,
  'server-answers': serverAnswers,
  flood,
};

type Options = { readonly cases: number; readonly seed: number; readonly names: readonly string[] };

function readOptions(words: readonly string[]): Options {
  let [cases, seed] = [10_000, Date.now() % 1e9];
  const names: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--cases') cases = Number(words[++at]);
    else if (word === '--seed') seed = Number(words[++at]);
    else names.push(word);
  }
  return { cases, seed, names: names.length === 0 ? Object.keys(targets) : names };
}

function describe({ target, seed, cases, perSecond, slowestMs, figures, failure }: Result): string {
  const result = failure === undefined ? 'holds' : 'FAILS';
  const head = `${target}: ${result}: seed ${seed}, ${cases} cases, ${perSecond}/s, slowest ${slowestMs.toFixed(1)} ms`;
  const known = figures === '' ? head : `${head}; ${figures}`;
  if (failure === undefined) return known;
  return [
    known,
    `  ${failure.problem}`,
    `  smallest: ${failure.smallest}`,
    `  again:    scripts/fuzz --seed ${failure.seed} --cases 1 ${target}`,
  ].join('\n');
}

async function main(): Promise<void> {
  const { cases, seed, names } = readOptions(process.argv.slice(2));
  const unknown = names.find((name) => targets[name] === undefined);
  if (unknown !== undefined) {
    console.error(`no target ${unknown}; there are: ${Object.keys(targets).join(' ')}`);
    process.exitCode = 2;
    return;
  }
  for (const name of names) {
    const result = await targets[name]?.(cases, seed);
    if (result === undefined) continue;
    console.log(describe(result));
    if (result.failure !== undefined) process.exitCode = 1;
  }
}

void main();
