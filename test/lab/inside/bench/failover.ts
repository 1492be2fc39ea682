// The same faults done to a pair of this suite and to a pair of keepalived: how long nobody answered, what failed.
import { faultSettings } from '../faults/settings.ts';
import { keepalived } from '../faults/keepalived.ts';
import { makePairUnderFault } from '../faults/pair-under-fault.ts';
import type { FaultRow, RowSeen } from '../faults/row.ts';
import type { Suite } from '../faults/suites.ts';
import { ours } from '../faults/suites.ts';
import { isSkipped, rowsNamed } from '../faults/table.ts';
import type { PairSettings } from '../lab.ts';
import type { Row } from './rows.ts';
import { row } from './rows.ts';

/** Which faults, how often, and of whom. */
export type FailoverOptions = {
  /** Parts of rows' names; empty for all. */
  readonly named: string;
  readonly times: number;
  readonly oursOnly: boolean;
};

/** What the comparison does not say by itself. */
export const failoverNotes = [
  'A client asks every 20 ms. Outage: the longest time without an answer. Failed: requests that were refused, broken or',
  'not answered within 2 s. keepalive 1, deadtime 3 against advert_int 1; 0.1 and 0.3 against 0.1 where a row says so.',
  'keepalived: VRRP version 3 in both networks as one group, nopreempt, HTTP_GET every 2 s, one try of 1 s.',
  'A dash: keepalived has no such thing, or was not well again a minute after the fault was over.',
];

/** At short timers only what they are for. */
const fastRow = 'both cables of the owner pulled';
const fastSettings: PairSettings = { ...faultSettings, keepalive: 0.1, deadtime: 0.3 };
const fastTimes = 5;

type Pace = { readonly settings: PairSettings; readonly advert: number };
const usual: Pace = { settings: faultSettings, advert: 1 };
const fast: Pace = { settings: fastSettings, advert: 0.1 };

/** Measures everything. */
export async function measureFailover({ named, times, oursOnly }: FailoverOptions): Promise<readonly Row[]> {
  const rows = rowsNamed(named).filter((each) => !isSkipped(each));
  const shared = oursOnly ? [] : rows.filter((each) => each.keepalived === true);
  const own = await measure(usual, ours, rows, times);
  const theirs = await measure(usual, keepalived(usual.advert), shared, times);
  const quick = rows.filter(({ name }) => name === fastRow);
  const ownQuick = await measure(fast, ours, quick, fastTimes);
  const theirsQuick = await measure(fast, keepalived(fast.advert), oursOnly ? [] : quick, fastTimes);
  return [
    ...rows.flatMap(({ name }) => rowsOf(name, own(name), theirs(name))),
    ...quick.flatMap(({ name }) => rowsOf(`${name}, short timers`, ownQuick(name), theirsQuick(name))),
  ];
}

type Found = (name: string) => readonly RowSeen[];

/** One pair of a suite meets every row, again and again. */
async function measure(pace: Pace, suite: Suite, rows: readonly FaultRow[], times: number): Promise<Found> {
  const seen: RowSeen[] = [];
  if (rows.length === 0) return () => [];
  const pair = await makePairUnderFault(pace.settings, suite);
  try {
    for (let count = 0; count < times; count++) {
      for (const each of rows) {
        const { log, ...result } = await pair.meet(each);
        process.stderr.write(`${JSON.stringify(result)}\n`);
        if (result.problem === null) seen.push({ ...result, log });
        else if (suite === ours) throw new Error(`${each.name}: ${result.problem}\n${log.join('\n')}`);
        else await pair.restart();
      }
    }
  } finally {
    await pair.destroy();
  }
  return (name) => seen.filter((each) => each.name === name);
}

const rowsOf = (name: string, own: readonly RowSeen[], theirs: readonly RowSeen[]): readonly Row[] => {
  const line = (what: string, unit: string, pick: (seen: RowSeen) => number): Row =>
    row(`${name}: ${what}`, unit, own.map(pick), theirs.map(pick));
  return [
    line('outage', 'ms', ({ outageMs }) => outageMs),
    line('failed', '', ({ failed }) => failed),
    line('two owners', 'ms', ({ overlapMs }) => overlapMs),
  ];
};
