// The fault table's rows as data, and how overlap is measured.
import { describe, expect, test } from '@jest/globals';
import { brokenPromises } from './lab/inside/faults/judge.ts';
import { overlapMs, wireOverlapMs } from './lab/inside/faults/overlap.ts';
import type { FaultRow, RowSeen } from './lab/inside/faults/row.ts';
import { nothing } from './lab/inside/faults/row.ts';
import { faultRows, rowsNamed } from './lab/inside/faults/table.ts';

const span = { from: 1000, to: 9000 };
const move = (at: number, router: string, has: boolean) => ({ at, router, has });

describe('the time in which two routers have the address', () => {
  test('is none where one lets go before the other takes', () => {
    const moves = [move(2000, 'r1', false), move(2100, 'r2', true)];
    expect(overlapMs({ first: ['r1'], moves, unreachable: [], span })).toBe(0);
  });

  test('lasts from the taking to the letting go, in whatever order it was reported', () => {
    const moves = [move(2500, 'r1', false), move(2100, 'r2', true)];
    expect(overlapMs({ first: ['r1'], moves, unreachable: [], span })).toBe(400);
  });

  test('lasts to the end where nobody lets go', () => {
    expect(overlapMs({ first: ['r1'], moves: [move(8000, 'r2', true)], unreachable: [], span })).toBe(1000);
  });

  test('does not count while a client can reach only one of them', () => {
    const moves = [move(4000, 'r2', true), move(6300, 'r1', false)];
    const unreachable = [{ router: 'r1', from: 1500, to: 6000 }];
    expect(overlapMs({ first: ['r1'], moves, unreachable, span })).toBe(300);
  });

  test('is not doubled by an address that is put where it stands', () => {
    const moves = [move(2000, 'r1', true), move(3000, 'r2', true), move(3100, 'r1', true), move(3500, 'r1', false)];
    expect(overlapMs({ first: ['r1'], moves, unreachable: [], span })).toBe(500);
  });
});

describe('the time in which both announce it', () => {
  const announcement = (at: number, mac: string) => ({ at, hex: `ffffffffffff${mac}0806` });
  const stations = { old: '02:00:00:00:00:01', fresh: '02:00:00:00:00:02' };
  const [old, fresh] = ['020000000001', '020000000002'];

  test('is none where the old owner has fallen silent before', () => {
    expect(wireOverlapMs([announcement(10, old), announcement(20, fresh)], stations)).toBe(0);
  });

  test('lasts from the first of the new owner to the last of the old one', () => {
    const frames = [announcement(10, old), announcement(20, fresh), announcement(70, old), announcement(80, fresh)];
    expect(wireOverlapMs(frames, stations)).toBe(50);
  });

  test('is none where only one has announced anything', () => {
    expect(wireOverlapMs([announcement(10, fresh)], stations)).toBe(0);
  });
});

describe('what came of a fault', () => {
  const row: FaultRow = {
    name: 'a fault',
    deed: nothing,
    observeMs: 0,
    undo: nothing,
    expect: { owner: 'other', outageAtMost: 100, failedAtMost: 1, overlapAtMost: 20 },
    says: /it broke/,
    keepalived: true,
  };
  const good: RowSeen = {
    ...{ name: 'a fault', owner: 'other', outageMs: 100, requests: 60, failed: 1, outcomes: '', overlapMs: 20 },
    ...{ wireOverlapMs: 0, line: 'pulse: it broke', tookMs: 1000, problem: null, stoodMs: 0, moves: [], log: [] },
  };

  test('holds at the limits of its row', () => {
    expect(brokenPromises(row, good)).toEqual([]);
    expect(brokenPromises({ ...row, expect: { owner: 'either', overlapAtMost: 20 } }, good)).toEqual([]);
    expect(brokenPromises({ ...row, says: 'nothing' }, { ...good, line: null })).toEqual([]);
  });

  test('holds with two owners for as long as a processor of the lab stood still', () => {
    expect(brokenPromises(row, { ...good, overlapMs: 290, stoodMs: 270 })).toEqual([]);
    expect(brokenPromises(row, { ...good, overlapMs: 291, stoodMs: 270 })).toHaveLength(1);
  });

  test.each<[string, Partial<RowSeen>]>([
    ['the other owner', { owner: 'same' }],
    ['no owner', { owner: 'none' }],
    ['a longer outage', { outageMs: 101 }],
    ['more failed requests', { failed: 2 }],
    ['two owners for longer', { overlapMs: 21 }],
    ['announcements of both for longer', { wireOverlapMs: 21 }],
    ['another line in the log', { line: 'pulse: all is well' }],
    ['none', { line: null }],
    ['too few requests to tell', { requests: 50 }],
    ['a pair that is not well again', { problem: 'not well within 60000 ms' }],
  ])('does not with %s', (_what, seen) => {
    expect(brokenPromises(row, { ...good, ...seen })).toHaveLength(1);
  });
});

describe('the rows', () => {
  test('each have a name of their own, by which they are found', () => {
    expect(new Set(faultRows.map(({ name }) => name)).size).toBe(faultRows.length);
    for (const row of faultRows) expect(rowsNamed(row.name)).toContain(row);
  });

  test('are chosen by parts of their names; without any all are', () => {
    const chosen = rowsNamed('power of the owner;table of the owner').map(({ name }) => name);
    expect(chosen).toEqual(['table of the owner cleared', 'power of the owner lost']);
    expect(rowsNamed('')).toEqual(faultRows);
  });

  test('that keep the owner and forbid failures allow no second owner', () => {
    const quiet = faultRows.filter(({ expect: { owner, failedAtMost } }) => owner === 'same' && failedAtMost === 0);
    expect(quiet.length).toBeGreaterThan(10);
    for (const row of quiet) expect(row.expect.overlapAtMost).toBe(0);
  });
});
