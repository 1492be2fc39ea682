// What administrators order: stop, switch, reload, start; and what may happen meanwhile.
import { pause } from '../command.ts';
import { nothing } from './row.ts';
import type { FaultRow } from './row.ts';

export const orders: readonly FaultRow[] = [
  {
    name: 'clean stop of the owner',
    deed: ({ suite, owner }) => suite.stop(owner),
    observeMs: 1000,
    undo: ({ suite, owner }) => suite.start(owner),
    expect: { owner: 'other', outageAtMost: 1500, overlapAtMost: 0 },
    says: /inactive: activating lvs/,
    endsProcesses: true,
    keepalived: true,
  },
  {
    name: 'clean stop of the standby',
    deed: ({ suite, standby }) => suite.stop(standby),
    observeMs: 1000,
    undo: ({ suite, standby }) => suite.start(standby),
    expect: { owner: 'same', failedAtMost: 0, overlapAtMost: 0 },
    says: /Exiting|leaving|STARTING PULSE/i,
    endsProcesses: true,
    keepalived: true,
  },
  {
    name: 'switch by the operator',
    deed: ({ owner }) => owner.must(['lvsctl', 'switch']),
    observeMs: 3000,
    undo: nothing,
    expect: { owner: 'other', outageAtMost: 1500, overlapAtMost: 0 },
    says: /switched by the operator/,
    keepalived: 'it has no such order',
  },
  {
    name: 'reload during a takeover',
    deed: async ({ suite, pull, owner, standby }) => {
      await pull(owner, 'pub', 'prv');
      // The silence is noticed after 3 s.
      await pause(2700);
      for (let times = 0; times < 4; times++) {
        await suite.reload(standby);
        await pause(200);
      }
    },
    observeMs: 3000,
    undo: ({ plug, owner }) => plug(owner, 'pub', 'prv'),
    expect: { owner: 'other', outageAtMost: 5000, overlapAtMost: 2000 },
    says: /rereading configuration file/,
    keepalived: true,
  },
  {
    name: 'both stopped, and started together',
    deed: async ({ suite, owner, standby }) => {
      await Promise.all([suite.stop(owner), suite.stop(standby)]);
    },
    observeMs: 1000,
    undo: ({ suite, owner, standby }) => Promise.all([suite.start(owner), suite.start(standby)]),
    // Programs take long to start in an emulated machine.
    expect: { owner: 'either', outageAtMost: 40_000, overlapAtMost: 0 },
    says: /STARTING PULSE AS/,
    endsProcesses: true,
    keepalived: true,
  },
];
