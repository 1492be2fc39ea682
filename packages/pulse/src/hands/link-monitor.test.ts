import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { IpAddress, Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import type { Interface } from '@piranha/protocol';
import { systemClock } from '@piranha/runtime';
import { recordingLogger } from '@piranha/testing';
import { linkMonitor } from './link-monitor.ts';
import type { Channel, Links } from '../state-parts.ts';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

const own = '10.1.0.2' as IpAddress;
const channel: Channel = { name: 'public', own, partner: '10.1.0.3' as IpAddress };
const privateChannel: Channel = { ...channel, name: 'private', own: '10.2.0.2' as IpAddress };

const eth0 = (running: boolean): Interface => ({
  ...{ name: 'eth0', up: true, running, mac: undefined },
  addresses: [{ address: own, prefix: 24, expires: false }],
});

/** A monitor over a machine whose answers a test gives; news comes when the test says so. */
function watching() {
  const { log, lines } = recordingLogger();
  const told: Links[] = [];
  const seen: (readonly Interface[])[] = [];
  const listening: boolean[] = [];
  let running = true;
  let answers: 'at-once' | 'failing' | 'held' = 'at-once';
  let begun = 0;
  let underWay = 0;
  let mostUnderWay = 0;
  let release: (() => void)[] = [];
  let onNews: () => void = () => undefined;
  const interfaces = async (): Promise<Outcome<readonly Interface[], string>> => {
    begun += 1;
    underWay += 1;
    mostUnderWay = Math.max(mostUnderWay, underWay);
    if (answers === 'held') await new Promise<void>((resolve) => release.push(resolve));
    underWay -= 1;
    return answers === 'failing' ? failure(`out of order, ${begun}`) : success([eth0(running)]);
  };
  const monitor = linkMonitor(
    {
      clock: systemClock,
      log,
      interfaces,
      onInterfaces: (all) => seen.push(all),
      onLinks: (links) => told.push(links),
    },
    (wake) => {
      onNews = wake;
      return {
        start: () => listening.push(true),
        stop: () => {
          listening.push(false);
          return Promise.resolve();
        },
      };
    },
  );
  return {
    ...{ monitor, told, seen, lines, listening },
    begun: () => begun,
    mostUnderWay: () => mostUnderWay,
    news: () => {
      onNews();
    },
    link: (up: boolean) => {
      running = up;
    },
    answer: (how: typeof answers) => {
      answers = how;
      const held = release;
      release = [];
      for (const each of held) each();
    },
  };
}

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);
const up: Links = { public: 'up', private: undefined, carriers: [] };
const down: Links = { public: 'down', private: undefined, carriers: [] };

test('the links are read at once, once more because they are new, and then every three seconds', async () => {
  const { monitor, told, seen, begun } = watching();
  monitor.use({ channels: [channel], carriers: [] });
  await pass(0);
  expect(told).toEqual([up]);
  expect(seen).toEqual([[eth0(true)]]);
  await pass(1000);
  expect(begun()).toBe(2);
  await pass(3000);
  expect(begun()).toBe(3);
  expect(told).toEqual([up, up, up]);
  await monitor.close();
});

test('news leads to a reading, and what is new in it is read a second time at once', async () => {
  const { monitor, told, news, link } = watching();
  monitor.use({ channels: [channel], carriers: [] });
  await pass(1000);
  link(false);
  news();
  await pass(0);
  expect(told).toEqual([up, up, down]);
  await pass(100);
  expect(told).toEqual([up, up, down, down]);
  await pass(1000);
  expect(told).toHaveLength(4);
  await monitor.close();
});

test('more news does not hold up the second look', async () => {
  const { monitor, told, news, link } = watching();
  monitor.use({ channels: [channel], carriers: [] });
  await pass(1000);
  link(false);
  for (let count = 0; count < 5; count += 1) {
    news();
    await pass(10);
  }
  expect(told).toEqual([up, up, down, down]);
  await monitor.close();
});

test('a change that nobody reported is found within three seconds', async () => {
  const { monitor, told, link } = watching();
  monitor.use({ channels: [channel], carriers: [] });
  await pass(1000);
  link(false);
  await pass(3200);
  expect(told.at(-1)).toEqual(down);
  await monitor.close();
});

test('much news is few readings: never two at a time, and not more than every tenth of a second', async () => {
  const { monitor, news, begun, mostUnderWay } = watching();
  monitor.use({ channels: [channel], carriers: [] });
  await pass(1000);
  const before = begun();
  for (let count = 0; count < 1000; count += 1) {
    news();
    await pass(1);
  }
  expect(begun() - before).toBeGreaterThanOrEqual(9);
  expect(begun() - before).toBeLessThanOrEqual(11);
  expect(mostUnderWay()).toBe(1);
  await monitor.close();
});

test('news that comes while a reading is under way leads to exactly one more', async () => {
  const { monitor, news, begun, answer } = watching();
  monitor.use({ channels: [channel], carriers: [] });
  await pass(1000);
  const before = begun();
  answer('held');
  news();
  await pass(0);
  for (let count = 0; count < 5; count += 1) news();
  await pass(500);
  expect(begun() - before).toBe(1);
  answer('at-once');
  await pass(1000);
  expect(begun() - before).toBe(2);
  await monitor.close();
});

test('a reading that fails is not told, the failure is logged once, and so is its end', async () => {
  const { monitor, told, lines, answer, begun } = watching();
  monitor.use({ channels: [channel], carriers: [] });
  await pass(1000);
  answer('failing');
  await pass(15_000);
  expect(begun()).toBeGreaterThan(5);
  expect(told).toEqual([up, up]);
  expect(lines.map(({ level, text }) => `${level}: ${text}`)).toEqual(['warning: the links cannot be read']);
  answer('at-once');
  await pass(3000);
  expect(told).toHaveLength(3);
  expect(lines.map(({ text }) => text)).toEqual(['the links cannot be read', 'the links can be read again']);
  await monitor.close();
});

test('other channels are read at once', async () => {
  const { monitor, told } = watching();
  monitor.use({ channels: [channel], carriers: [] });
  await pass(1000);
  monitor.use({ channels: [channel, privateChannel], carriers: [] });
  await pass(0);
  expect(told.at(-1)).toEqual({ public: 'up', private: 'down', carriers: [] });
  await monitor.close();
});

test('without channels nothing is read and no news is wanted', async () => {
  const { monitor, begun, listening, news } = watching();
  monitor.use({ channels: [], carriers: [] });
  news();
  await pass(10_000);
  expect([begun(), listening]).toEqual([0, [false]]);
  monitor.use({ channels: [channel], carriers: [] });
  await pass(1000);
  monitor.use({ channels: [], carriers: [] });
  const before = begun();
  news();
  await pass(10_000);
  expect(begun()).toBe(before);
  expect(listening).toEqual([false, true, false]);
  await monitor.close();
});

test.each(['at-once', 'failing'] as const)(
  'closed under a reading it says nothing more, leaves no timer, and logs nothing: answer %s',
  async (how) => {
    const { monitor, told, lines, answer } = watching();
    answer('held');
    monitor.use({ channels: [channel], carriers: [] });
    await pass(0);
    await monitor.close();
    answer(how);
    await pass(10_000);
    expect([told, lines, jest.getTimerCount()]).toEqual([[], [], 0]);
  },
);

test('the devices of floating addresses are read with them, and without a partner nothing is', async () => {
  const { monitor, told, link } = watching();
  const carriers = [{ device: 'eth0', serves: true }];
  monitor.use({ channels: [channel], carriers });
  await pass(0);
  link(false);
  await pass(3100);
  const state = { device: 'eth0', serves: true, network: 'public' };
  expect([told[0]?.carriers, told.at(-1)?.carriers]).toEqual([
    [{ ...state, state: 'up' }],
    [{ ...state, state: 'down' }],
  ]);
  const before = told.length;
  monitor.use({ channels: [], carriers });
  await pass(10_000);
  expect(told).toHaveLength(before);
  await monitor.close();
});
