// Lost packets on a real kernel: they take no server out, as long as there are answers at all.
import { beforeAll, expect, jest } from '@jest/globals';
import { test } from './row.ts';
import type { Sightings } from './run-scenarios.ts';
import { runScenarios } from './run-scenarios.ts';

jest.setTimeout(1_200_000);

let sightings: Sightings;

beforeAll(async () => {
  sightings = await runScenarios('loss');
});

const seen = () => sightings.of('loss');

test('no server leaves the table, neither by single lost answers nor by 30 % loss for a minute', () => {
  expect(seen().watched.missing).toEqual([]);
  expect(seen().watched.entries).toBe(51);
  expect(seen().watched.looks).toBeGreaterThan(60);
});

test('each time exactly one answer to a SYN was lost, more than the check of that server could wait for', () => {
  expect(seen().afterEach).toEqual(seen().afterEach.map((_count, index) => index + 1));
  expect(seen().afterEach).toHaveLength(12);
});

test('the loss was about 30 % of what the other server sent for 50 services', () => {
  const { sent, dropped } = seen().netem;
  expect(seen().count).toBe(51);
  expect(dropped + sent).toBeGreaterThan(500);
  expect(dropped / (dropped + sent)).toBeGreaterThan(0.2);
  expect(dropped / (dropped + sent)).toBeLessThan(0.4);
});

test('a server of which every answer is lost leaves the table', () => {
  expect(seen().gone).toEqual(['-a -t 10.1.0.100:8081 -r 10.2.0.11:8081 -m']);
});
