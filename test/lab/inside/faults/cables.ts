// Cables are pulled, one or more, and packets lost on the way of heartbeats.
import { pause } from '../command.ts';
import type { Host } from '../host.ts';
import { setCables } from '../network.ts';
import type { FaultRow } from './row.ts';

const nft = (host: Host, ...words: readonly string[]): Promise<string> => host.must(['nft', words.join(' ')]);

/** Drops heartbeats that come to a router from the addresses of another. */
async function deafen(router: Host, lastByteOfOther: number): Promise<void> {
  await nft(router, 'add table ip cut');
  await nft(router, 'add chain ip cut in { type filter hook input priority 0; }');
  const from = `{ 10.1.0.${lastByteOfOther}, 10.2.0.${lastByteOfOther} }`;
  await nft(router, `add rule ip cut in ip saddr ${from} udp dport 539 drop`);
}
const hearAgain = (router: Host): Promise<string> => nft(router, 'delete table ip cut');
const byteOf = (router: Host): number => (router.name === 'r1' ? 2 : 3);

export const cables: readonly FaultRow[] = [
  {
    name: 'private cable of the owner pulled',
    deed: ({ pull, owner }) => pull(owner, 'prv'),
    observeMs: 5500,
    undo: ({ plug, owner }) => plug(owner, 'prv'),
    expect: { owner: 'other', outageAtMost: 5000, overlapAtMost: 0 },
    says: /the private link is down/,
    keepalived: true,
  },
  {
    name: 'both cables of the owner pulled',
    deed: ({ pull, owner }) => pull(owner, 'pub', 'prv'),
    observeMs: 5000,
    undo: ({ plug, owner }) => plug(owner, 'pub', 'prv'),
    expect: { owner: 'other', outageAtMost: 4500, overlapAtMost: 2000 },
    says: /partner dead: activating lvs/,
    keepalived: true,
  },
  {
    name: 'public cable of the owner pulled',
    deed: ({ pull, owner }) => pull(owner, 'pub'),
    observeMs: 4000,
    undo: ({ plug, owner }) => plug(owner, 'pub'),
    expect: { owner: 'other', outageAtMost: 4500, overlapAtMost: 0 },
    says: /the public link is down/,
    keepalived: true,
  },
  {
    name: 'both cables of the standby pulled',
    deed: ({ pull, standby }) => pull(standby, 'pub', 'prv'),
    observeMs: 4000,
    undo: ({ plug, standby }) => plug(standby, 'pub', 'prv'),
    expect: { owner: 'same', failedAtMost: 0, overlapAtMost: 0 },
    says: /the public link is down/,
    keepalived: true,
  },
  {
    name: 'public cable of the standby pulled',
    deed: ({ pull, standby }) => pull(standby, 'pub'),
    observeMs: 4000,
    undo: ({ plug, standby }) => plug(standby, 'pub'),
    expect: { owner: 'same', failedAtMost: 0, overlapAtMost: 0 },
    says: /the public link is down/,
    keepalived: true,
  },
  {
    name: 'switch port of the owner flaps',
    deed: async ({ pull, plug, owner }) => {
      for (let times = 0; times < 6; times++) {
        await pull(owner, 'pub');
        await pause(300);
        await plug(owner, 'pub');
        await pause(300);
      }
    },
    observeMs: 3000,
    undo: ({ owner }) => setCables(owner.name, 'up', ['pub']),
    expect: { owner: 'either', outageAtMost: 8000, overlapAtMost: 0 },
    says: /the public link is down/,
    keepalived: true,
  },
  {
    name: 'the standby no longer hears the owner',
    deed: ({ standby, owner }) => deafen(standby, byteOf(owner)),
    observeMs: 5500,
    undo: ({ standby }) => hearAgain(standby),
    expect: { owner: 'other', outageAtMost: 2500, overlapAtMost: 2500 },
    says: /partner dead: activating lvs/,
    keepalived: 'its heartbeats are another protocol, and its peers obey whom they hear',
  },
  {
    name: 'the owner no longer hears the standby',
    deed: ({ standby, owner }) => deafen(owner, byteOf(standby)),
    observeMs: 5000,
    undo: ({ owner }) => hearAgain(owner),
    expect: { owner: 'same', failedAtMost: 0, overlapAtMost: 0 },
    says: /no heartbeat of the (primary|backup) for/,
    keepalived: 'a backup there says nothing',
  },
];
