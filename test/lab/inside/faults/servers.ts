// Real servers die, all or some, and come back.
import { pause, until } from '../command.ts';
import { hideServers, showServers } from '../network.ts';
import { nothing } from './row.ts';
import type { FaultRow } from './row.ts';

export const servers: readonly FaultRow[] = [
  {
    name: 'one of two servers dies',
    deed: ({ stopServer }) => stopServer('s2'),
    observeMs: 5000,
    undo: ({ startServer }) => startServer('s2'),
    expect: { owner: 'same', outageAtMost: 1000, overlapAtMost: 0 },
    says: /shutting down .* due to connection failure/,
    keepalived: true,
  },
  {
    name: 'all servers die for 5 s',
    deed: ({ stopServer }) => Promise.all([stopServer('s1'), stopServer('s2')]),
    observeMs: 5000,
    undo: ({ startServer }) => Promise.all([startServer('s1'), startServer('s2')]),
    expect: { owner: 'same', outageAtMost: 12_000, overlapAtMost: 0 },
    says: /shutting down .* due to connection failure/,
    keepalived: true,
  },
  {
    name: 'a server flaps',
    deed: async ({ stopServer, startServer }) => {
      for (let times = 0; times < 3; times++) {
        await stopServer('s2');
        await pause(1500);
        await startServer('s2');
        await pause(1500);
      }
    },
    observeMs: 1000,
    undo: nothing,
    expect: { owner: 'same', outageAtMost: 1000, overlapAtMost: 0 },
    says: /shutting down .* due to connection failure/,
    keepalived: true,
  },
  {
    // Its lvs has said how many servers live; the pulse that comes has to hear it, too.
    name: "the standby's pulse killed and started again, and then all servers of the owner lost",
    deed: async ({ suite, owner, standby }) => {
      await standby.must(['kill', '-KILL', (await suite.decider(standby)).trim()]);
      await suite.start(standby);
      await until('the standby to be as it was', 60_000, () => suite.isWell(owner, standby));
      await hideServers(owner);
    },
    observeMs: 7000,
    undo: ({ owner }) => showServers(owner),
    expect: { owner: 'other', outageAtMost: 6500, overlapAtMost: 0 },
    says: /handing over to the (primary|backup): it can serve better/,
    endsProcesses: true,
    keepalived: 'its servers do not count for who is active',
  },
];
