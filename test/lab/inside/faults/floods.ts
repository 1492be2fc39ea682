// Floods: more datagrams a second than a pair ever says, from strangers and in the name of the partner.
import { seededRandom } from '@piranha/testing';
import type { Random } from '@piranha/testing';
import { envelopeOf, record } from '../forgery.ts';
import type { Host } from '../host.ts';
import type { Replay } from '../replay.ts';
import { replay } from '../replay.ts';
import { udpFrame } from '../udp-frame.ts';
import { lastByte, ofThisSuite, signBoth, unsign } from './heartbeat-files.ts';
import type { FaultRow } from './row.ts';
import type { Stage } from './stage.ts';

const perSecond = 5000;
/** A slow machine sends no more while it also has to read them all; fewer than this are no flood. */
const leastPerSecond = 1500;
/** Different frames of a flood; then they come again. */
const different = 2000;
const seed = 1;

const clientAddress = '10.1.0.10';

/** A heartbeat of an active router with the highest term that nobody has sent. */
const madeUp = Buffer.from(`dadbadbd4c5653320100000102000002ffffffff${'0102030405060708'.repeat(4)}`, 'hex');

const noise = ({ whole }: Random): Buffer => Buffer.from(Array.from({ length: whole(1, 90) }, () => whole(0, 255)));

/** One bit is another one. */
function altered(bytes: Uint8Array, { whole }: Random): Buffer {
  const copy = Buffer.from(bytes);
  const at = whole(0, copy.length - 1);
  copy[at] = (copy[at] ?? 0) ^ (1 << whole(0, 7));
  return copy;
}

/** A recorded heartbeat as it was, cut short or altered, or none at all. */
function forgery(recorded: readonly Buffer[], random: Random): Buffer {
  const whole = recorded[random.whole(0, recorded.length - 1)] ?? madeUp;
  return random.pick([
    () => whole,
    () => whole.subarray(0, random.whole(0, whole.length - 1)),
    () => altered(whole, random),
    () => noise(random),
    () => madeUp,
  ])();
}

/** The heartbeats of both, as somebody on the public network hears them. */
async function recordBoth({ owner, standby }: Stage): Promise<readonly Buffer[]> {
  const said = await Promise.all([owner, standby].map((router) => record(router, `10.1.0.${lastByte(router)}`, 2500)));
  return said.flat().map((hex) => Buffer.from(hex, 'hex'));
}

/** A flood of these frames from the client's place in the public network, for as long as the row lasts. */
function underFlood(framesOf: (stage: Stage) => Promise<readonly Buffer[]>): Pick<FaultRow, 'deed' | 'undo'> {
  let flood: Replay | undefined;
  return {
    deed: async (stage) => {
      flood = replay(stage.client, 'eth0', await framesOf(stage), perSecond);
    },
    undo: async () => {
      const sent = (await flood?.stop())?.perSecond ?? 0;
      if (sent < leastPerSecond) throw new Error(`only ${sent} datagrams a second were sent`);
    },
  };
}

/** The header of a datagram to a router. */
const envelope = (from: string, client: Host, router: Host) =>
  envelopeOf(client, { from, router, to: `10.1.0.${lastByte(router)}` });

/** Noise and made-up heartbeats to both routers, from an address that is none of theirs. */
const ofStranger = underFlood(async ({ client, owner, standby }) => {
  const random = seededRandom(seed);
  const envelopes = await Promise.all([owner, standby].map((router) => envelope(clientAddress, client, router)));
  const payloads = Array.from({ length: different / 4 }, () => [madeUp, noise(random)]).flat();
  return payloads.flatMap((payload) => envelopes.map((each) => udpFrame(each, payload)));
});

/** Recorded and forged heartbeats to the owner, as if they were the standby's. */
const ofPartner = underFlood(async (stage) => {
  const { client, owner, standby } = stage;
  const recorded = await recordBoth(stage);
  if (recorded.length === 0) throw new Error('no heartbeat was recorded');
  const random = seededRandom(seed);
  const header = await envelope(`10.1.0.${lastByte(standby)}`, client, owner);
  return Array.from({ length: different }, () => udpFrame(header, forgery(recorded, random)));
});

export const floodRows: readonly FaultRow[] = [
  {
    name: 'a stranger floods both routers with heartbeats',
    ...ofStranger,
    observeMs: 5000,
    expect: { owner: 'same', failedAtMost: 0, overlapAtMost: 0 },
    says: 'nothing',
    keepalived: ofThisSuite,
  },
  {
    name: "the partner's address floods the owner with recorded and forged heartbeats, with heartbeat_auth = require",
    deed: async (stage) => {
      await signBoth(stage);
      await ofPartner.deed(stage);
    },
    observeMs: 6000,
    undo: async (stage) => {
      try {
        await ofPartner.undo(stage);
      } finally {
        await unsign(stage);
      }
    },
    // In an emulated machine the flood takes the processor from the client and the servers, too.
    expect: { owner: 'same', failedAtMost: 10, overlapAtMost: 0 },
    says: /rereading configuration file/,
    keepalived: ofThisSuite,
  },
];
