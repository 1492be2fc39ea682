// A partner that speaks the original's bytes and goes by its rules as the backup: takes over after silence and announces five
// times; an active one that hears RUNNING says so once and lets go.
import type { Running } from './command.ts';
import type { Host } from './host.ts';
import { vip } from './lab.ts';

const program = `
const { execFileSync } = require('node:child_process');
const [deadtime, vip, ...own] = process.argv.slice(1);
const ip = (verb) => { try { execFileSync('ip', ['address', verb, vip + '/24', 'dev', 'eth0', 'label', 'eth0:1']); } catch {} };
const mac = require('node:fs').readFileSync('/sys/class/net/eth0/address', 'utf8').trim();
const words = { running: 'dadbadbd', stopped: 'bddabdad' };
let active = false, heardAt = Date.now(), left = 0;
const sockets = own.map((from) => {
  const socket = require('node:dgram').createSocket('udp4');
  socket.bind(539, from);
  socket.on('message', (bytes) => hear(bytes.subarray(0, 4).toString('hex')));
  return [socket, from.replace(/\\d+$/, (byte) => 5 - byte)];
});
const say = (word) => { for (const [socket, to] of sockets) socket.send(Buffer.from(words[word], 'hex'), 539, to); };
const announce = () => {
  execFileSync('send_arp', ['-i', 'eth0', vip, mac, '10.1.0.255', 'ffffffffffff']);
  if (--left > 0) setTimeout(announce, 1000);
};
const take = () => { active = true; ip('add'); left = 5; announce(); console.log('active'); };
const drop = () => { active = false; left = 0; ip('delete'); console.log('inactive'); };
const hear = (word) => {
  heardAt = Date.now();
  if (word === words.running && active) { say('running'); drop(); }
  if (word === words.stopped && !active) take();
};
setInterval(() => { say(active ? 'running' : 'stopped'); if (!active && Date.now() - heardAt > deadtime) take(); }, 1000);
process.on('SIGTERM', () => { ip('delete'); process.exit(); });
`;

/** Runs on a router on which nothing of the suite does; `onLine` hears when it becomes active or inactive. */
export const startOriginal = (
  router: Host,
  deadtimeMs: number,
  addresses: readonly string[],
  onLine: (line: string) => void,
): Running =>
  router.start([process.execPath, '--jitless', '-e', program, String(deadtimeMs), vip, ...addresses], onLine);
