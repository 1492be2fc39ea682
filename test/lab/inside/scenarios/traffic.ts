// Real clients of every kind of service: what they were answered, and by whom.
import { until } from '../command.ts';
import type { Host } from '../host.ts';
import { systemLog } from '../host.ts';
import type { Page } from '../page.ts';
import { readPage } from '../page.ts';
import { ipvsTable, service } from '../router.ts';
import type { TrafficLab } from '../traffic-lab.ts';
import { clients, ftpModuleLoaded, makeTrafficLab } from '../traffic-lab.ts';

/** A virtual server in few words; `servers` are lines of their blocks. */
const virtual = (name: string, address: string, lines: readonly string[], ...servers: readonly string[]): string => `
virtual ${name} {
  active = 1
  address = ${address}
  timeout = 5
  reentry = 10
  slow_start = off
  ${lines.join('\n  ')}
${servers.join('\n')}
}
`;

const server = (address: string, ...lines: readonly string[]): string =>
  ['  server s {', 'active = 1', `address = ${address}`, ...lines, '  }'].join('\n');

const behind = (...lines: readonly string[]): readonly [string, string] => [
  server('10.2.0.11', ...lines),
  server('10.2.0.12', ...lines),
];

/** Two of its words are odd, and none of them is for a shell, a format or a terminal. */
const oddName = '"100% \\"quoted\\" {é} $(id) %s"';

/** What the page has no example of. */
const moreServices = [
  virtual(
    'dns',
    '10.1.0.104 eth0:5',
    ['port = 53', 'protocol = udp', 'scheduler = rr', 'send = "?"', 'expect = "n"'],
    ...behind(),
  ),
  virtual(
    'dns-6',
    '2001:db8:1::104 eth0',
    ['port = 53', 'protocol = udp', 'scheduler = rr', 'send = "?"', 'expect = "n"'],
    server('2001:db8:2::11'),
    server('2001:db8:2::12'),
  ),
  virtual('same-address', '10.1.0.104 eth0:5', ['port = 8080', 'scheduler = rr'], ...behind()),
  virtual(
    'one-packet',
    '10.1.0.105 eth0:6',
    ['port = 53', 'protocol = udp', 'ops = 1', 'scheduler = rr', 'network = direct', 'send = "?"', 'expect = "d"'],
    server('10.1.0.21'),
    server('10.1.0.22'),
  ),
  virtual('every-port', '10.1.0.106 eth0:7', ['port = 0', 'persistent = 60', 'scheduler = rr'], ...behind('port = 80')),
  virtual(
    'thresholds',
    '10.1.0.107 eth0:8',
    ['port = 80', 'scheduler = fo'],
    server('10.2.0.11', 'weight = 9', 'upper = 1'),
    server('10.2.0.12'),
  ),
  virtual(
    oddName,
    '10.1.0.108 eth0:9',
    ['port = 80', 'scheduler = rr'],
    server('10.2.0.11'),
    server('10.1.0.21', 'network = direct'),
    server('10.1.0.22', 'network = tunnel'),
  ),
  virtual('ftp-6', '2001:db8:1::100 eth0', ['port = 21', 'scheduler = rr', 'expect = "220"'], server('2001:db8:2::11')),
  virtual('one-port', '10.1.0.109 eth0:10', ['fwmark = 90', 'port = 8080', 'scheduler = rr'], ...behind('port = 8080')),
].join('\n');

const configuration = ({ lvsCf }: Page): string => `primary = 10.1.0.2\nmax_nannies = 2\n${lvsCf}${moreServices}`;

async function startRouter(router: Host, text: string): Promise<void> {
  await router.write('/etc/sysconfig/ha/lvs.cf', text);
  const marks = [
    'inet',
    'lvs',
    'marks',
    'ip',
    'daddr',
    '10.1.0.109',
    'tcp',
    'dport',
    '{ 80, 443 }',
    'meta',
    'mark',
    'set',
    '90',
  ];
  await router.must(['nft', 'add', 'rule', ...marks]);
  const { code, stderr } = await service(router, 'start');
  if (code !== 0) throw new Error(`service pulse start: ${stderr}`);
  const servers = text.match(/^\s*server /gm)?.length ?? 0;
  let table: readonly string[] = [];
  try {
    await until('all servers', 30_000, async () => {
      table = await ipvsTable(router);
      return table.filter((line) => line.startsWith('-a')).length === servers;
    });
  } catch (error) {
    throw new Error([...table, ...(await systemLog(router)).slice(-40)].join('\n'), { cause: error });
  }
}

/** Lines of answers over new connections, one after the other. */
async function fetchAll(client: Host, urls: readonly string[], ...options: readonly string[]): Promise<string[]> {
  const curl = ['curl', '-sg', '-m', '5', '-H', 'Connection: close', ...options, ...urls];
  return (await client.run(curl)).stdout.split('\n').filter((line) => line !== '');
}

const times = <T>(count: number, each: T): T[] => Array.from({ length: count }, () => each);

const inBrackets = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** How the web servers of the page's examples were reached. */
async function askWebServers(client: Host): Promise<Record<string, string[]>> {
  const answers: Record<string, string[]> = {};
  for (const address of [
    '10.1.0.100',
    '10.1.0.101',
    '10.1.0.102',
    '2001:db8:1::100',
    '2001:db8:1::101',
    '2001:db8:1::102',
  ]) {
    answers[address] = await fetchAll(client, times(4, `http://${inBrackets(address)}/where`));
  }
  return answers;
}

/** For each client address the servers that answered on both ports of a virtual address. */
const askByTwoPorts = (client: Host, vip: string, network: string): Promise<string[][]> =>
  Promise.all(
    clients.map((byte) =>
      fetchAll(
        client,
        [80, 443, 80, 443].map((port) => `http://${vip}:${port}/`),
        '--interface',
        `${network}${byte}`,
      ),
    ),
  );

/** A transfer by FTP: the file, and what the client was told of the data connection. */
async function transfer(client: Host, url: string, ...options: readonly string[]) {
  const { stdout, stderr } = await client.run(['curl', '-svg', '-m', '5', '--no-ftp-skip-pasv-ip', ...options, url]);
  return {
    file: stdout.trim(),
    told: stderr.split('\n').flatMap((line) => /^[<>] ((?:227|229|PORT) .*?)\s*$/.exec(line)?.[1] ?? []),
  };
}

/** Answers to datagrams: `fresh` for each from a new port. */
async function askDatagrams(client: Host, address: string, fresh: boolean): Promise<string[]> {
  const open = `exec 3<>/dev/udp/${address}/53`;
  const script = `${open}; for i in 1 2 3 4; do ${fresh ? open : ':'}; echo '?' >&3; timeout 2 head -n 1 <&3; done`;
  return (await client.run(['bash', '-c', script])).stdout.split('\n').filter((line) => line !== '');
}

/** Who answers while a connection is held open. */
async function askWhileHolding(client: Host): Promise<string[]> {
  const holder = client.start(['bash', '-c', 'exec 3<>/dev/tcp/10.1.0.107/80; sleep 60']);
  await until('the held connection', 5000, async () => {
    const held = await client.must(['ss', '-Htn', 'state', 'established', 'dst', '10.1.0.107']);
    return held.includes('10.1.0.107');
  });
  const answers = await fetchAll(client, times(4, 'http://10.1.0.107/'));
  await holder.stop('SIGKILL');
  return answers;
}

/** The segments that a client may send to the servers of a tunnel, and an upload of a megabyte. */
async function upload(client: Host, address: string) {
  const show = `exec 3<>/dev/tcp/${address}/80; ss -Htin dst "$0"`;
  const shown = await client.must(['bash', '-c', show, inBrackets(address)]);
  await client.must(['truncate', '-s', '1000000', '/tmp/megabyte']);
  const answers = await fetchAll(client, [`http://${inBrackets(address)}/`], '--data-binary', '@/tmp/megabyte');
  return { segment: Number(/\bmss:(\d+)/.exec(shown)?.[1]), answers };
}

async function unpacked(servers: readonly Host[], device: string): Promise<number[]> {
  const counts = servers.map((host) => host.must(['cat', `/sys/class/net/${device}/statistics/rx_packets`]));
  return (await Promise.all(counts)).map(Number);
}

/** Whose hardware addresses answer for virtual addresses, and what the client took for theirs. */
async function neighbours({ client, r1 }: TrafficLab) {
  type Neighbour = { readonly dst: string; readonly lladdr?: string };
  const asked = ['10.1.0.101', '10.1.0.102'].map((vip) =>
    client.run(['arping', '-b', '-c', '2', '-w', '2', '-I', 'eth0', vip]),
  );
  const known = JSON.parse(await client.must(['ip', '-j', 'neighbour'])) as readonly Neighbour[];
  return {
    router: (await r1.must(['cat', '/sys/class/net/eth0/address'])).trim(),
    known: Object.fromEntries(known.map(({ dst, lladdr }) => [dst, lladdr])),
    answering: (await Promise.all(asked)).map(({ stdout }) =>
      [...stdout.matchAll(/\[([0-9A-F:]+)\]/g)].map(([, mac = '']) => mac.toLowerCase()),
    ),
  };
}

/** The address that a router's own connections to a server come from. */
async function ownSource(router: Host, address: string): Promise<string | undefined> {
  const [route] = JSON.parse(await router.must(['ip', '-j', 'route', 'get', address])) as { prefsrc?: string }[];
  return route?.prefsrc;
}

async function askAll(lab: TrafficLab) {
  const { client } = lab;
  return {
    web: await askWebServers(client),
    marks: await askByTwoPorts(client, '10.1.0.103', '10.1.0.'),
    marks6: await askByTwoPorts(client, '[2001:db8:1::103]', '2001:db8:1::'),
    everyPort: await askByTwoPorts(client, '10.1.0.106', '10.1.0.'),
    onePort: await fetchAll(
      client,
      [80, 443].map((port) => `http://10.1.0.109:${port}/where`),
    ),
    sameAddress: await fetchAll(client, times(2, 'http://10.1.0.104:8080/where')),
    mixed: await fetchAll(client, times(6, 'http://10.1.0.108/where')),
    thresholds: await askWhileHolding(client),
    udp: await askDatagrams(client, '10.1.0.104', true),
    udp6: await askDatagrams(client, '2001:db8:1::104', true),
    onePacket: await askDatagrams(client, '10.1.0.105', false),
    ftp: {
      passive: await transfer(client, 'ftp://10.1.0.100/file', '--disable-epsv'),
      extended: await transfer(client, 'ftp://10.1.0.100/file'),
      active: await transfer(client, 'ftp://10.1.0.100/file', '--ftp-port', '10.1.0.10', '--disable-eprt'),
      ipv6: await transfer(client, 'ftp://[2001:db8:1::100]/file'),
      direct: await transfer(client, 'ftp://10.1.0.101/file', '--disable-epsv'),
    },
    uploads: [await upload(client, '10.1.0.102'), await upload(client, '2001:db8:1::102')],
    unpacked: [...(await unpacked(lab.beside, 'tunl0')), ...(await unpacked(lab.beside, 'ip6tnl0'))],
    neighbours: await neighbours(lab),
    sources: [await ownSource(lab.r1, '10.1.0.21'), await ownSource(lab.r1, '2001:db8:1::21')],
  };
}

/** Every kind of service, at once in one table. */
export async function traffic() {
  const page = readPage();
  const lab = await makeTrafficLab(page);
  const { r1 } = lab;
  try {
    const before = { ftpModule: await ftpModuleLoaded() };
    await startRouter(r1, configuration(page));
    const table = await ipvsTable(r1);
    const asked = await askAll(lab);
    const ftpModule = await ftpModuleLoaded();
    const log = await systemLog(r1);
    const stop = await service(r1, 'stop');
    const left = { code: stop.code, table: await ipvsTable(r1), addresses: await r1.must(['ip', '-o', 'address']) };
    return { before, table, ...asked, ftpModule, log, left, page: page.leftOver() };
  } finally {
    await lab.destroy();
  }
}
