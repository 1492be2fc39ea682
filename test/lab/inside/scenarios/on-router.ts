// Servers on the router itself behind NAT, a UDP server that dies under a client that keeps its port, and firewalls before
// the talk of the sync daemons.
import { nowMs, until } from '../command.ts';
import type { Host } from '../host.ts';
import type { Lab } from '../lab.ts';
import { makeLab, responderProgram, usualSettings } from '../lab.ts';
import { ipvsTable, service } from '../router.ts';
import { startWebServer } from '../web-server.ts';

const global = `primary = 10.1.0.2
network = nat
nat_router = 10.2.0.1 eth1:1
nat_nmask = 255.255.255.0
`;

const web = (name: string, vip: string, port: number, more: string): string => `virtual ${name} {
  active = 1
  address = ${vip} eth0:1
  port = ${port}
  timeout = 2
  reentry = 2
  send = "GET / HTTP/1.0\\r\\n\\r\\n"
  expect = "HTTP"
  ${more}
}
`;
const server = (address: string, more = ''): string =>
  `server s${address.replaceAll('.', '-')} {\n  active = 1\n  address = ${address}\n  ${more}\n}`;

/** A page for when nobody serves; a real server at a loopback address; one at an own address and another port. */
const pages =
  global +
  web('page', '10.1.0.100', 80, `sorry_server = 127.0.0.1\n${server('10.2.0.99')}`) +
  web('local', '10.1.0.101', 81, server('127.0.0.1')) +
  web('own', '10.1.0.102', 82, server('10.2.0.2', 'port = 8082'));

const names = `${global}virtual names {
  active = 1
  address = 10.1.0.103 eth0:1
  port = 53
  protocol = udp
  scheduler = rr
  timeout = 2
  reentry = 2
  send = "who"
  expect = "s"
  ${server('10.2.0.11')}
  ${server('10.2.0.12')}
}
`;

/** Asks ten times a second from one port; each answer is a line: who, and the time (ms) since the one before. */
const keepsItsPort = `const socket = require('dgram').createSocket('udp4');
let last = process.hrtime.bigint();
socket.on('message', (who) => {
  const now = process.hrtime.bigint();
  process.stdout.write(who.toString().trim() + ' ' + Number((now - last) / 1000000n) + '\\n');
  last = now;
});
socket.bind(40053, () => setInterval(() => socket.send('who', 53, '10.1.0.103'), 100));`;

const curl = async (client: Host, url: string): Promise<string> =>
  (await client.run(['curl', '-s', '-m', '10', url])).stdout.trim();

const expiry = async (router: Host): Promise<string> =>
  (await router.must(['cat', '/proc/sys/net/ipv4/vs/expire_nodest_conn'])).trim();

async function use(router: Host, file: string, verb: 'start' | 'reload', entries: number): Promise<string[]> {
  await router.write('/etc/sysconfig/ha/lvs.cf', file);
  await service(router, verb);
  return until(`a table with ${entries} servers`, 60_000, async () => {
    const table = await ipvsTable(router);
    return table.filter((line) => line.startsWith('-a')).length === entries ? table : undefined;
  });
}

/** The server that the client has dies. */
async function serverDies({ client, r1, s1, s2 }: Lab) {
  const start = (host: Host, address: string) => host.start(['node', responderProgram, address]);
  const running = { s1: start(s1, '10.2.0.11'), s2: start(s2, '10.2.0.12') };
  await use(r1, names, 'start', 2);
  const answers: { who: string; after: number }[] = [];
  const asking = client.start(['node', '-e', keepsItsPort], (line) => {
    const [who = '', after = ''] = line.split(' ');
    answers.push({ who, after: Number(after) });
  });
  const first = await until('a first answer', 60_000, () => answers.at(-1)?.who);
  const died = nowMs();
  await running[first === 's1' ? 's1' : 's2'].stop('SIGKILL');
  await until('an answer of the other server', 60_000, () => answers.some(({ who }) => who !== first));
  const withoutAnswer = nowMs() - died;
  await asking.stop('SIGKILL');
  for (const each of Object.values(running)) await each.stop('SIGKILL');
  return { setting: await expiry(r1), withoutAnswer };
}

const synced = `primary = 10.1.0.2
backup = 10.1.0.3
primary_private = 10.2.0.2
backup_private = 10.2.0.3
backup_active = 1
network = direct
syncdaemon = 1
syncd_iface = eth1
${web('web', '10.1.0.100', 80, server('10.1.0.11'))}`;

const answersOnly = 'ct state established,related accept; iif lo accept; udp dport 539 accept;';
const firewalls: Readonly<Record<string, string>> = {
  closed: 'policy drop; iif lo accept; udp dport 539 accept;',
  'answers alone': `policy drop; ${answersOnly}`,
  'a closing reject': `policy accept; ${answersOnly} tcp dport 22 accept; reject with icmpx type admin-prohibited;`,
  'the group': `policy drop; ${answersOnly} ip daddr 224.0.0.81 udp dport 8848 accept;`,
  'its interface': `policy drop; ${answersOnly} iifname "eth1" accept;`,
  'another interface': `policy drop; ${answersOnly} iifname "eth0" accept;`,
  'a new exchange': 'policy drop; ct state established,related,new accept;',
  'a named set': `policy drop; ${answersOnly} ip saddr @partners accept;`,
};

/** With which of them `lvsctl check --system` warns of the sync daemons. */
async function warned(router: Host): Promise<string[]> {
  await router.write('/run/synced.cf', synced);
  const found: string[] = [];
  for (const [name, rules] of Object.entries(firewalls)) {
    const set = 'set partners { type ipv4_addr; elements = { 10.1.0.3, 10.2.0.3 }; }';
    const table = `table inet lab {\n${set}\nchain input { type filter hook input priority 0; ${rules}\n}\n}\n`;
    await router.must(['nft', '-f', '-'], `flush ruleset\n${table}`);
    const { stdout } = await router.run(['lvsctl', 'check', '--system', '/run/synced.cf']);
    if (stdout.includes('224.0.0.81')) found.push(name);
  }
  await router.must(['nft', 'flush ruleset']);
  return found;
}

export async function onRouter() {
  const lab = await makeLab(usualSettings);
  try {
    const { client, r1 } = lab;
    const firewall = await warned(r1);
    const udp = await serverDies(lab);
    await startWebServer(r1, [80, 81, 8082]);
    const table = await use(r1, pages, 'reload', 3);
    const urls = ['http://10.1.0.100/', 'http://10.1.0.101:81/where', 'http://10.1.0.102:82/where'];
    const answers: string[] = [];
    for (const url of urls) answers.push(await curl(client, url));
    const setting = await until('the setting of a file with TCP', 20_000, async () => {
      const now = await expiry(r1);
      return now === '0' ? now : undefined;
    });
    return { firewall, udp, table, answers, setting };
  } finally {
    await lab.destroy();
  }
}
