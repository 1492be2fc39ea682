// A few cases of each target of scripts/fuzz that needs no program; the others are in test/process/fuzz.test.ts.
import { expect, jest, test } from '@jest/globals';
import { run as controlSocket } from './fuzz/control-socket.ts';
import { run as datagrams } from './fuzz/datagrams.ts';
import { run as endlessLines } from './fuzz/endless-lines.ts';
import { fuzz, smallerBytes } from './fuzz/fuzz.ts';
import { run as lines } from './fuzz/lines.ts';
import { run as lvsCf } from './fuzz/lvs-cf.ts';
import { run as openDatagrams } from './fuzz/open-datagrams.ts';

jest.setTimeout(120_000);

test.each([
  ['files of lvs.cf', lvsCf, 1500],
  ['datagrams of somebody without the key', datagrams, 300],
  ['datagrams where anybody may send them', openDatagrams, 150],
  ['lines of partner processes', lines, 5000],
  ['lines without an end', endlessLines, 3],
  ['clients of the control socket', controlSocket, 100],
])('%s do no harm', async (_name, run, cases) => {
  expect(await run(cases, 1)).toMatchObject({ cases, failure: undefined });
});

test('a case that fails is made small, and told with the seed that makes it again', async () => {
  const run = fuzz<Buffer>({
    name: 'bytes',
    make: (random) => Buffer.from(Array.from({ length: 200 }, () => random.whole(0, 255))),
    judge: (bytes) => {
      if (bytes.includes(0) && bytes.includes(255)) throw new Error('both');
      return undefined;
    },
    smaller: smallerBytes,
    show: (bytes) => bytes.toString('hex'),
    mostMs: 1000,
  });
  const { failure, cases } = await run(1000, 5);
  expect(failure?.problem).toMatch(/both/);
  expect(['00ff', 'ff00']).toContain(failure?.smallest);
  expect(await run(1, failure?.seed ?? 0)).toMatchObject({ cases: 1, failure: { seed: 5 + cases - 1 } });
});

test('a case that takes too long fails', async () => {
  const run = fuzz<number>({
    name: 'long',
    make: () => 1,
    judge: () => {
      for (const end = performance.now() + 30; performance.now() < end;);
      return undefined;
    },
    smaller: () => [],
    show: String,
    mostMs: 1,
  });
  expect((await run(3, 1)).failure?.problem).toMatch(/^took \d+ ms$/);
});
