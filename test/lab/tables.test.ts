// The planner against the kernel's own table: random reloads, every form that ipvsadm prints, and what is left alone.
import { beforeAll, describe, expect, jest } from '@jest/globals';
import type { TablesSeen } from './inside/table-pairs.ts';
import { test } from './row.ts';
import { runScenarios } from './run-scenarios.ts';

jest.setTimeout(1_200_000);

let seen: TablesSeen;

beforeAll(async () => {
  seen = (await runScenarios('table-pairs')).of('table-pairs');
});

describe('random reloads', () => {
  test('each ends in exactly the table of a fresh start, by lines of which each has its effect', () => {
    const { seed, problem } = seen.pairs;
    expect({ seed, problem }).toEqual({ seed, problem: undefined });
  });

  test('are as many as were asked for, of files that are nearly all valid, and most have something to do', () => {
    const { pairs, tried } = seen.pairs;
    expect(pairs).toBe(Number(process.env['PIRANHA_PAIRS'] ?? 400));
    expect(tried.refused).toBeLessThan(pairs / 10);
    expect(tried.idle).toBeLessThan(pairs / 2);
  });

  test('have every kind of line', () => {
    expect(Object.keys(seen.pairs.tried.lines).sort()).toEqual(['-A', '-D', '-E', '-a', '-d', '-e']);
  });

  test('leave the counters of a service that is not in the file as they were', () => {
    const [before, after] = seen.pairs.counters;
    expect(before[0]).toMatch(/^UDP 198\.51\.100\.1:53 1 1 0 /);
    expect(after).toEqual(before);
  });

  test.each([
    ['option', ['-t', '-u', '-f', '-6', '-p', '-M', '-b', '-o', '-m', '-g', '-i']],
    ['scheduler', ['rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'dh', 'sh', 'sed', 'nq', 'mh', 'fo', 'ovf']],
    ['flag', ['sh-fallback', 'sh-port', 'mh-fallback', 'mh-port', 'flag-1', 'flag-2', 'flag-3']],
  ])('have every %s in some table', (_kind, words) => {
    expect(words.filter((word) => !seen.pairs.tried.words.includes(word))).toEqual([]);
  });
});

describe('a table of somebody else', () => {
  test('is read and written so that ipvsadm prints it again as it was: marks, tunnels, flags, thresholds, IPv6', () => {
    const { printed, again } = seen.forms;
    const known = printed.filter((line) => !/^SCTP|--sctp-service/.test(line)).map((line) => line.replace(/ -b$/, ''));
    expect(again).toEqual(known);
    expect(known.length).toBeGreaterThan(35);
  });

  test('may have services that are not understood: they are named, and nothing else', () => {
    const { printed, unknown } = seen.forms;
    expect(unknown.toSorted()).toEqual(printed.filter((line) => line.includes('--sctp-service')));
    expect(unknown).toHaveLength(2);
  });
});

describe('a reload that edits a service and its server', () => {
  test('deletes and adds neither', () => {
    expect(seen.kept.given).toEqual([
      '-A -u 198.51.100.2:514 -s wlc',
      '-a -u 198.51.100.2:514 -r 10.0.1.9:514 -m -w 1',
      '-a -u 198.51.100.2:53 -r 10.0.1.3:53 -m -w 1',
      '-E -u 198.51.100.2:53 -s lc -p 60',
      '-e -u 198.51.100.2:53 -r 10.0.1.1:53 -m -w 9 -x 100',
      '-d -u 198.51.100.2:53 -r 10.0.1.2:53',
      '-D -u 198.51.100.2:123',
    ]);
  });

  test('keeps the counters of both', () => {
    const [before, after] = seen.kept.counters;
    expect(before?.slice(0, 2)).toEqual([
      expect.stringMatching(/^UDP 198\.51\.100\.2:53 1 1 0 /),
      expect.stringMatching(/^-> 10\.0\.1\.1:53 1 1 0 /),
    ]);
    expect(after?.slice(0, 2)).toEqual(before?.slice(0, 2));
  });

  test('keeps the connections', () => {
    const [before, after] = seen.kept.connections;
    expect(before).toEqual([expect.stringMatching(/198\.51\.100\.2:53 +10\.0\.1\.1:53$/)]);
    expect(after).toEqual(before);
  });
});
