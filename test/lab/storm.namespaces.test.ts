// A storm of twenty rounds over the installed programs; `PIRANHA_SEED` chooses others.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, jest, test } from '@jest/globals';

jest.setTimeout(1_000_000);

/** Always the same rounds, so that a run can be repeated; the first number there is, chosen to avoid nothing. */
const seed = process.env['PIRANHA_SEED'] ?? '1';

test('after each round of what nobody chose the pair is well, and what a client lost is explained', async () => {
  const storm = spawn('scripts/on-ipvs', ['node', 'build/lab/storm.cjs', '--seed', seed, '--rounds', '20'], {
    env: { ON_IPVS: 'namespaces', ON_IPVS_LIMIT: '900', ...process.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(storm, 'close') as Promise<[number | null]>;
  const [told, [status]] = await Promise.all([text(storm.stdout), ended]);
  process.stderr.write(told);
  expect(told).toMatch(/^20 rounds, 0 failed/m);
  expect(status).toBe(0);
});
