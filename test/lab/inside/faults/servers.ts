// Real servers die, all or some, and come back.
import { pause } from '../command.ts';
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
];
