// The fault table on a real kernel: one pair meets everything that may go wrong, while a client asks it all the time.
import { beforeAll, expect, jest } from '@jest/globals';
import { brokenPromises } from './inside/faults/judge.ts';
import { faultRows } from './inside/faults/table.ts';
import type { FaultRow } from './inside/faults/row.ts';
import { withPatience } from './inside/patience.ts';
import { test } from './row.ts';
import type { Sightings } from './run-scenarios.ts';
import { runScenarios } from './run-scenarios.ts';

jest.setTimeout(1_800_000);

let sightings: Sightings;

beforeAll(async () => {
  sightings = await runScenarios('faults');
});

const seenOf = ({ name }: FaultRow) => {
  const { rows: all, endedBy } = sightings.of('faults');
  const seen = all.find((each) => each.name === name);
  if (seen === undefined) throw new Error(`nothing was seen of ${name}: ${String(endedBy)}`);
  return seen;
};

const rows = faultRows.map((row) => [row.name, row] as const);

test.each(rows)('%s: owner, outage, overlap, log line', (_name, row) => {
  if (sightings.of('faults').skipped.includes(row.name)) {
    process.stderr.write(`${row.name}: skipped: needs the guest\n`);
    return;
  }
  expect(brokenPromises(row, seenOf(row), withPatience)).toEqual([]);
});
