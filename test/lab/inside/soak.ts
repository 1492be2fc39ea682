// Lets the pair run for long and tells whether it stays as it was. Usage: soak [--minutes N] [--seed S] [--quiet-pair]
// [--json]. The raw samples go to soak.json in the output folder, where there is one.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nowMs } from './command.ts';
import { account } from './soak/account.ts';
import type { Course } from './soak/course.ts';
import { faultyPair } from './soak/faulty-pair.ts';
import { judge } from './soak/judgement.ts';
import { quietPair } from './soak/quiet-pair.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    'quiet-pair': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const began = nowMs();
const say = (text: string): void => {
  process.stderr.write(`${((nowMs() - began) / 1000).toFixed(0).padStart(5)} s  ${text}\n`);
};

const [minutes, seed] = [Number(values.minutes), Number(values.seed)];

function keep(course: Course): void {
  const folder = process.env['ON_IPVS_OUT'];
  if (folder !== undefined) writeFileSync(join(folder, 'soak.json'), JSON.stringify({ seed, minutes, course }));
}

async function main(): Promise<void> {
  const course = await (values['quiet-pair']
    ? quietPair(minutes, say, keep)
    : faultyPair({ minutes, seed, say }, keep));
  keep(course);
  const verdict = judge(course);
  if (values.json) {
    const { deeds, requests, stalls } = course;
    process.stdout.write(`${JSON.stringify({ seed, minutes, ...verdict, requests, deeds, stalls }, null, 2)}\n`);
  } else process.stdout.write(account(course, verdict));
  process.exitCode = verdict.ok ? 0 : 1;
}

void main().then(
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(`soak: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(2);
  },
);
