// Heartbeats that are not what they should be: a flood of strangers, another key, another file, an old partner.
import { capture } from '../capture.ts';
import { pause } from '../command.ts';
import type { Running } from '../command.ts';
import type { Host } from '../host.ts';
import { lvsCf } from '../lab.ts';
import type { FaultRow } from './row.ts';
import { faultSettings } from './settings.ts';
import type { Stage } from './stage.ts';

const file = '/etc/sysconfig/ha/lvs.cf';
const keyFile = '/etc/sysconfig/ha/heartbeat.key';

/** Random bytes and made-up heartbeats to both routers, as many a second as the first argument says. */
const flood = `const [rate] = process.argv.slice(1).map(Number);
const socket = require('dgram').createSocket('udp4');
const made = Buffer.from('dadbadbd4c5653320100000102000002ffffffff' + '0102030405060708'.repeat(4), 'hex');
setInterval(() => {
  for (let count = 0; count < rate / 100; count++) {
    const bytes = count % 2 ? made : require('crypto').randomBytes(1 + (count % 90));
    for (const to of ['10.1.0.2', '10.1.0.3']) socket.send(bytes, 539, to);
  }
}, 10);`;

/** Recorded heartbeats to one router from the addresses of the other: as they were, cut short, altered, and noise. */
const forgeries = `const [rate, to, ...recorded] = process.argv.slice(1);
const { randomBytes, randomInt } = require('crypto');
const bytes = recorded.map((each) => Buffer.from(each, 'hex'));
const altered = (whole) => {
  const copy = Buffer.from(whole);
  copy[randomInt(copy.length)] ^= 1 << randomInt(8);
  return copy;
};
const kinds = [(whole) => whole, (whole) => whole.subarray(0, randomInt(whole.length)), altered, () => randomBytes(84)];
const lines = ['10.1.0.' + to, '10.2.0.' + to].map((address) => {
  const socket = require('dgram').createSocket('udp4');
  socket.bind(0, address.replace(/.$/, (byte) => 5 - byte));
  return (datagram) => socket.send(datagram, 539, address);
});
setInterval(() => {
  for (let count = 0; count < rate / 100; count++) {
    lines[count % 2](kinds[randomInt(4)](bytes[randomInt(bytes.length)]));
  }
}, 10);`;

/** An inactive router of the original: four bytes a second on both networks. */
const original = `const own = process.argv.slice(1);
for (const from of own) {
  const socket = require('dgram').createSocket('udp4');
  const to = from.replace(/\\d+$/, (byte) => 5 - byte);
  const word = Buffer.from('bddabdad', 'hex');
  socket.bind(539, from, () => setInterval(() => socket.send(word, 539, to), 1000));
}`;

/** What runs on a host until it is stopped, by the host. */
const playing = new Map<string, Running>();
function play(host: Host, script: string, ...words: readonly string[]): Promise<void> {
  playing.set(host.name, host.start([process.execPath, '--jitless', '-e', script, ...words]));
  return Promise.resolve();
}
async function endPlay(host: Host): Promise<void> {
  await playing.get(host.name)?.stop('SIGKILL');
  playing.delete(host.name);
}

/** Writes another file on a router, and has it read. */
async function reload(router: Host, text: string): Promise<void> {
  await router.write(file, text);
  await router.must(['service', 'pulse', 'reload']);
}

const signed = (auth: 'accept' | 'require'): string =>
  lvsCf({ ...faultSettings, more: `${faultSettings.more}heartbeat_key_file = ${keyFile}\nheartbeat_auth = ${auth}\n` });

async function useKey(router: Host, key: string, auth: 'accept' | 'require' = 'accept'): Promise<void> {
  await router.write(keyFile, key.repeat(32));
  await router.must(['chmod', '600', keyFile]);
  await reload(router, signed(auth));
}

/** Both get a key as a running pair does: accept, accept, require, require. */
async function signBoth({ owner, standby }: Stage): Promise<void> {
  for (const router of [owner, standby]) await useKey(router, 'a');
  for (const router of [owner, standby]) await reload(router, signed('require'));
}

const unsign = async ({ owner, standby }: Stage): Promise<void> => {
  for (const router of [owner, standby]) await reload(router, lvsCf(faultSettings));
};

/** The heartbeats of both, in hex, as somebody on the public network hears them. */
async function record({ owner, standby }: Stage): Promise<readonly string[]> {
  const ears = await Promise.all(
    [owner, standby].map((router) => capture(router, 'eth0', `udp port 539 and src ${addressOf(router)}`)),
  );
  await pause(2500);
  for (const each of ears) await each.stop();
  return ears.flatMap(({ frames }) => frames.map(({ hex }) => hex.slice(headers)));
}
/** Ethernet, IPv4 and UDP, in hex digits. */
const headers = 84;

const byteOf = (router: Host): number => (router.name === 'r1' ? 2 : 3);
const addressOf = (router: Host): string => `10.1.0.${byteOf(router)}`;
const ofThisSuite = 'its heartbeats are another protocol';

export const heartbeats: readonly FaultRow[] = [
  {
    name: 'a stranger floods both routers with heartbeats',
    deed: ({ client }) => play(client, flood, '5000'),
    observeMs: 5000,
    undo: ({ client }) => endPlay(client),
    expect: { owner: 'same', failedAtMost: 0, overlapAtMost: 0 },
    says: 'nothing',
    keepalived: ofThisSuite,
  },
  {
    name: 'the routers have different keys, with heartbeat_auth = accept',
    deed: async ({ owner, standby }) => {
      await useKey(owner, 'a');
      await useKey(standby, 'b');
    },
    observeMs: 4500,
    undo: unsign,
    expect: { owner: 'same', failedAtMost: 0, overlapAtMost: 0 },
    says: /rereading configuration file/,
    keepalived: ofThisSuite,
  },
  {
    name: 'the standby has another key, with heartbeat_auth = require',
    deed: async (stage) => {
      await signBoth(stage);
      await pause(1500);
      await useKey(stage.standby, 'b', 'require');
    },
    observeMs: 6000,
    undo: unsign,
    expect: { owner: 'either', overlapAtMost: 12_000 },
    says: /wrong signature.*the same heartbeat_key_file/,
    keepalived: ofThisSuite,
  },
  {
    name: "the partner's address floods the owner with recorded and forged heartbeats, with heartbeat_auth = require",
    deed: async (stage) => {
      const { owner, standby } = stage;
      await signBoth(stage);
      await play(standby, forgeries, '5000', String(byteOf(owner)), ...(await record(stage)));
    },
    observeMs: 6000,
    undo: async (stage) => {
      await endPlay(stage.standby);
      await unsign(stage);
    },
    expect: { owner: 'same', failedAtMost: 0, overlapAtMost: 0 },
    says: /rereading configuration file/,
    keepalived: ofThisSuite,
  },
  {
    name: 'the standby has another file',
    deed: ({ standby }) => reload(standby, lvsCf({ ...faultSettings, weights: [5, 5] })),
    observeMs: 3000,
    undo: ({ standby }) => reload(standby, lvsCf(faultSettings)),
    expect: { owner: 'same', failedAtMost: 0, overlapAtMost: 0 },
    says: /runs another lvs\.cf than this router/,
    keepalived: 'its routers do not compare their files',
  },
  {
    name: 'the standby is an original router',
    deed: async ({ suite, standby }) => {
      await suite.stop(standby);
      await play(standby, original, `10.1.0.${byteOf(standby)}`, `10.2.0.${byteOf(standby)}`);
      await pause(2000);
    },
    observeMs: 4000,
    undo: async ({ suite, standby }) => {
      await endPlay(standby);
      await suite.start(standby);
    },
    expect: { owner: 'same', failedAtMost: 0, overlapAtMost: 0 },
    says: /is an original router: its rules count/,
    endsProcesses: true,
    keepalived: ofThisSuite,
  },
];
