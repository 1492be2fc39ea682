// Heartbeats that are not what they should be: another key, another file, an old partner.
import { pause } from '../command.ts';
import type { Running } from '../command.ts';
import type { Host } from '../host.ts';
import { lvsCf } from '../lab.ts';
import { lastByte, ofThisSuite, reload, signBoth, unsign, useKey } from './heartbeat-files.ts';
import { signalDecider } from './processes.ts';
import type { FaultRow } from './row.ts';
import { faultSettings } from './settings.ts';

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

export const heartbeats: readonly FaultRow[] = [
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
    name: 'the standby has another file',
    deed: ({ standby }) => reload(standby, lvsCf({ ...faultSettings, weights: [5, 5] })),
    observeMs: 3000,
    undo: ({ standby }) => reload(standby, lvsCf(faultSettings)),
    expect: { owner: 'same', failedAtMost: 0, overlapAtMost: 0 },
    says: /runs another lvs\.cf than this router/,
    keepalived: 'its routers do not compare their files',
  },
  {
    // Read by the owner and not by the standby, which waits no longer than before.
    name: 'the owner alone has a longer deadtime, and the process that decides hangs',
    deed: async (stage) => {
      await reload(stage.owner, lvsCf({ ...faultSettings, deadtime: 9 }));
      await pause(3000);
      await signalDecider(stage, 'STOP');
    },
    observeMs: 9000,
    undo: async (stage) => {
      await signalDecider(stage, 'CONT');
      await reload(stage.owner, lvsCf(faultSettings));
    },
    expect: { owner: 'other', outageAtMost: 4500, overlapAtMost: 0 },
    says: /no sign of life of pulse: taking down the addresses/,
    keepalived: 'its routers do not compare their files',
  },
  {
    name: 'the standby is an original router',
    deed: async ({ suite, owner, standby }) => {
      await suite.stop(standby);
      // It has heard one of ours there, which had to be near: a reload forgets that.
      await suite.reload(owner);
      await play(standby, original, `10.1.0.${lastByte(standby)}`, `10.2.0.${lastByte(standby)}`);
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
