// Packets that are lost between the router and its servers: single answers, and 30 % of all that a server sends.
import type { Host } from '../host.ts';
import { pause, until } from '../command.ts';
import { makeLab, responderProgram, usualSettings, vip } from '../lab.ts';
import { livingEntries } from '../look.ts';
import { ipvsTable, service } from '../router.ts';
import { startWebServer } from '../web-server.ts';

/** The kernel repeats a SYN after 1 s: a check that may take less is lost with its first answer. */
const hasty = { port: 8081, timeout: 0.8, fall: 2 };
const patient = { timeout: 10, fall: 3, tcpServices: 40, udpServices: 10 };

const block = (name: string, port: number, lines: string, server: string): string => `virtual ${name} {
  active = 1
  address = ${vip} eth0:1
  port = ${port}
  scheduler = rr
  reentry = 2
  ${lines}
  server one {
    ${server}
    active = 1
  }
}
`;

const counted = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_none, index) => make(index)).join('');

const web = 'send = "GET / HTTP/1.0\\r\\n\\r\\n"\n  expect = "HTTP/1.1 200"';
const asPatient = `timeout = ${patient.timeout}\n  fall = ${patient.fall}\n  `;

const configuration = `primary = 10.1.0.2
network = nat
max_nannies = 2
${block('hasty', hasty.port, `timeout = ${hasty.timeout}\n  fall = ${hasty.fall}\n  ${web}`, 'address = 10.2.0.11')}
${counted(patient.tcpServices, (index) =>
  block(`web${index}`, 9000 + index, asPatient + web, 'address = 10.2.0.12\n    port = 80'),
)}
${counted(patient.udpServices, (index) => {
  const names = 'protocol = udp\n  send = "who"\n  expect = "s2"';
  return block(`names${index}`, 5300 + index, asPatient + names, 'address = 10.2.0.12\n    port = 53');
})}`;

/** Drops answers to a SYN for one port; each `dropNext` drops the next one. */
async function answerDropper(host: Host, port: number) {
  const nft = (...lines: readonly string[]) => host.must(['nft', '-f', '-'], lines.join('\n'));
  const rule = (what: string): string =>
    `add rule ip loss out tcp sport ${port} tcp flags & (syn | ack) == syn | ack ${what} drop`;
  await nft(
    'add table ip loss',
    'add counter ip loss dropped',
    'add chain ip loss out { type filter hook output priority 0; }',
  );
  return {
    dropNext: () => nft('flush chain ip loss out', rule('limit rate 1/day burst 1 packets counter name dropped')),
    dropAll: () => nft('flush chain ip loss out', rule('')),
    dropped: async () => {
      const listed = await host.must(['nft', 'list', 'counter', 'ip', 'loss', 'dropped']);
      return Number(/packets (\d+)/.exec(listed)?.[1]);
    },
  };
}

const thirtyPercent = 'root netem limit 10000 loss random 30%'.split(' ');

/** What netem on a host's private interface has sent and dropped. */
async function netemCounts(host: Host): Promise<{ readonly sent: number; readonly dropped: number }> {
  const shown = await host.must(['tc', '-s', 'qdisc', 'show', 'dev', 'eth1']);
  const found = /Sent \d+ bytes (\d+) pkt \(dropped (\d+)/.exec(shown);
  return { sent: Number(found?.[1]), dropped: Number(found?.[2]) };
}

/** Servers that are in the table with a weight, one line for each. */
const serverLines = async (router: Host): Promise<string[]> =>
  (await ipvsTable(router)).filter((line) => /^-a .* -w [1-9]/.test(line)).map((line) => line.replace(/ -w .*/, ''));

/**
 * Looks at the table again and again, until `over` is settled. What is taken out stays out for `reentry`, so that no look
 * can miss it.
 */
async function watchTable(router: Host, over: Promise<void>) {
  const first = livingEntries(router);
  const missing = new Set<string>();
  let looks = 0;
  while ((await Promise.race([over.then(() => 'over'), pause(300)])) !== 'over') {
    const entries = livingEntries(router);
    for (const entry of first.filter((each) => !entries.includes(each))) missing.add(entry);
    looks++;
  }
  return { entries: first.length, looks, missing: [...missing] };
}

const patientFor = 62_000;
const drops = 12;

/** What the table does meanwhile; at the end all answers are lost, and the server has to go. */
export async function loss() {
  const lab = await makeLab(usualSettings);
  const { r1, s1, s2 } = lab;
  try {
    await Promise.all([startWebServer(s1, [80, hasty.port]), startWebServer(s2)]);
    s2.start(['node', responderProgram, '10.2.0.12']);
    const dropper = await answerDropper(s1, hasty.port);
    await r1.write('/etc/sysconfig/ha/lvs.cf', configuration);
    await service(r1, 'start');
    const count = 1 + patient.tcpServices + patient.udpServices;
    const wanted = await until('all servers', 40_000, async () => {
      const lines = await serverLines(r1);
      return lines.length === count ? lines : undefined;
    });

    await s2.must(['tc', 'qdisc', 'add', 'dev', 'eth1', ...thirtyPercent]);
    const watching = watchTable(r1, pause(patientFor));
    const afterEach: number[] = [];
    for (let index = 0; index < drops; index++) {
      await dropper.dropNext();
      await pause(4 * hasty.timeout * 1000);
      afterEach.push(await dropper.dropped());
    }
    const watched = await watching;
    const netem = await netemCounts(s2);

    await dropper.dropAll();
    const gone = await until('the server without answers to be out', 15_000, async () => {
      const lines = await serverLines(r1);
      return lines.length < count ? wanted.filter((line) => !lines.includes(line)) : undefined;
    });
    return { count, afterEach, netem, watched, gone };
  } finally {
    await lab.destroy();
  }
}
