import { expect, test } from '@jest/globals';
import { configurationFromText } from '@piranha/config';
import type { StatusAnswer } from '@piranha/protocol';
import { inForceOf } from './in-force.ts';

const loaded = configurationFromText('lvs.cf', 'virtual web {\n active = 1\n address = 10.0.0.1 eth0:1\n}\n', {});
if (!loaded.ok) throw new Error('the file is wrong');
const { configuration } = loaded.value;

function status(state: StatusAnswer['state'], role?: NonNullable<StatusAnswer['lvs']>['role']): StatusAnswer {
  const table = { problem: null, failed: [], failedCount: 0, timeouts: null, retryInMs: null };
  return {
    ...{ type: 'status', version: '1', pid: 1, role: 'primary', state, sinceMs: 1, file: 'f', digest: 'd' },
    pair: {
      ...{ term: 1, class: 2, classReason: null, living: null, held: false, wants: false, kind: 'unknown' },
      ...{ alarm: null, connections: null },
    },
    ...{ partner: null, troubles: [], addresses: [], linksCount: false, addressProblem: null },
    balancer: { running: true, table: 'usable', silentMs: 40, restartInMs: null },
    lvs:
      role === undefined
        ? null
        : { role, digest: 'd', table, troubles: [], ownAddresses: [], owned: [], virtualServers: [] },
    lvsProblem: role === undefined ? 'it hangs' : null,
  };
}

test.each([
  ['active', 'active', 'active'],
  ['taking-over', 'standby', 'standby'],
  ['inactive', 'standby', 'standby'],
  ['ending', 'ending', 'idle'],
  ['active', 'fenced', 'idle'],
  ['inactive', 'waiting', 'idle'],
] as const)('where pulse is %s the role of lvs (%s) counts: %s', (state, role, counts) => {
  expect(inForceOf(status(state, role), configuration).role).toBe(counts);
});

test.each([
  ['active', 'active'],
  ['taking-over', 'active'],
  ['yielding', 'standby'],
] as const)('without a report of lvs pulse, which is %s, tells the role: %s', (state, counts) => {
  expect(inForceOf(status(state), configuration)).toEqual({
    ...{ configuration, role: counts, report: undefined, problem: 'it hangs' },
  });
});
