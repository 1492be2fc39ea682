// The same faults done to a pair of this suite and to a pair of keepalived: how long nobody answered, what failed.
import { faultSettings } from '../faults/settings.ts';
import { brokenPromises } from '../faults/judge.ts';
import { keepalived } from '../faults/keepalived.ts';
import { makePairUnderFault } from '../faults/pair-under-fault.ts';
import type { FaultRow, RowSeen } from '../faults/row.ts';
import type { Suite } from '../faults/suites.ts';
import { ours } from '../faults/suites.ts';
import { isSkipped, rowsNamed } from '../faults/table.ts';
import type { Method, PairSettings } from '../lab.ts';
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
const notes = [
  'A client asks every 20 ms. Outage: the longest time without an answer. Failed: requests that were refused, broken or',
  'not answered within 2 s. keepalive 1, deadtime 3 against advert_int 1; 0.1 and 0.3 against 0.1 where a row says so.',
  'keepalived: VRRP version 3 in both networks as one group, nopreempt, HTTP_GET every 2 s, one try of 1 s.',
  'At short timers two rounds of each suite go before that are not counted.',
  'A dash: keepalived has no such thing, or was not well again two minutes after the fault was over.',
];

/** At short timers only what they are for. */
const fastRows = ['both cables', 'public cable', 'private cable'].map((which) => `${which} of the owner pulled`);
const fastSettings: PairSettings = { ...faultSettings, keepalive: 0.1, deadtime: 0.3 };
const fastTimes = 5;

/** `rehearsals`: rounds that do not count. */
type Pace = { readonly settings: PairSettings; readonly advert: number; readonly rehearsals: number };
const usual: Pace = { settings: faultSettings, advert: 1, rehearsals: 0 };
/** Where tens of ms count, either router has to have taken over before: the emulator translates what it has not run yet. */
const fast: Pace = { settings: fastSettings, advert: 0.1, rehearsals: 2 };

/** The usual pace, with servers that are reached so. */
const inNetwork = (network: Method): Pace => ({ ...usual, settings: { ...usual.settings, network } });

/** What was measured, and which of our rows did not hold. */
export type Failovers = {
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
  readonly broken: readonly string[];
};

/** Measures everything. */
export async function measureFailover({ named, times, oursOnly }: FailoverOptions): Promise<Failovers> {
  const rows = rowsNamed(named).filter((each) => !isSkipped(each));
  const shared = oursOnly ? [] : rows.filter((each) => each.keepalived === true);
  const [nat, direct] = [
    rows.filter(({ network }) => network !== 'direct'),
    rows.filter(({ network }) => network === 'direct'),
  ];
  const ownNat = await measure(usual, ours, nat, times);
  const ownDirect = await measure(inNetwork('direct'), ours, direct, times);
  const own: Found = (name) => [...ownNat(name), ...ownDirect(name)];
  const theirs = await measure(usual, keepalived(usual.advert), shared, times);
  const quick = rows.filter(({ name }) => fastRows.includes(name));
  const ownQuick = await measure(fast, ours, quick, fastTimes);
  const theirsQuick = await measure(fast, keepalived(fast.advert), oursOnly ? [] : quick, fastTimes);
  const broken = rows.flatMap((each) => verdictsOn(each, own(each.name)));
  return {
    rows: [
      ...rows.flatMap(({ name }) => rowsOf(name, own(name), theirs(name))),
      ...quick.flatMap(({ name }) => rowsOf(`${name}, short timers`, ownQuick(name), theirsQuick(name))),
    ],
    notes: [...notes, '', `Of ${rows.length} rows, ${times} times each, ${broken.length} of ours did not hold.`],
    broken,
  };
}

/** What each time did not hold of a row. */
const verdictsOn = (row: FaultRow, seen: readonly RowSeen[]): readonly string[] =>
  seen
    .map((each) => brokenPromises(row, each))
    .flatMap((all) => (all.length === 0 ? [] : `${row.name}: ${all.join('; ')}`));

type Found = (name: string) => readonly RowSeen[];

/** One pair of a suite meets every row, again and again. */
async function measure(pace: Pace, suite: Suite, rows: readonly FaultRow[], times: number): Promise<Found> {
  const seen: RowSeen[] = [];
  if (rows.length === 0) return () => [];
  const pair = await makePairUnderFault(pace.settings, suite);
  try {
    for (let round = 1 - pace.rehearsals; round <= times; round++) {
      for (const each of rows) {
        const result = await pair.meet(each);
        const log = brokenPromises(each, result).length === 0 ? [] : result.log;
        process.stderr.write(`${JSON.stringify({ ...result, log })}\n`);
        if (round > 0 && (result.problem === null || suite === ours)) seen.push(result);
        if (result.problem !== null) await pair.restart();
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
