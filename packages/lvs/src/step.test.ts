import { expect, test } from '@jest/globals';
import { success } from '@piranha/domain';
import { restoreLine } from '@piranha/ipvs';
import { goodKernel } from './fake-kernel.ts';
import { fakeLvs } from './fake-lvs.ts';

const server = (name: string, address: string, more = ''): string =>
  `server ${name} {\n active = 1\n address = ${address}\n ${more}\n}\n`;
const virtual = (name: string, port: number, servers: string, more = ''): string =>
  `virtual ${name} {\n active = 1\n address = 10.0.0.100 eth0:1\n port = ${port}\n ${more}\n ${servers}}\n`;

const one = server('one', '10.0.1.1');
const two = server('two', '10.0.1.2');
const file = virtual('web', 80, one + two);
const hot = `hot_standby = 1\n${file}`;

const serverOne = 'tcp 10.0.0.100:80/10.0.1.1:80';
const serverTwo = 'tcp 10.0.0.100:80/10.0.1.2:80';
const webLine = '-A -t 10.0.0.100:80 -s wlc';
const oneLine = '-a -t 10.0.0.100:80 -r 10.0.1.1:80 -m -w 1';
const twoLine = '-a -t 10.0.0.100:80 -r 10.0.1.2:80 -m -w 1';
const strange = '-A -t 192.0.2.1:80 -s rr';

function activeLvs(text = file) {
  const lvs = fakeLvs();
  lvs.configure(text);
  lvs.order('active');
  return lvs;
}

function readyLvs(text = file) {
  const lvs = activeLvs(text);
  lvs.up(serverOne);
  lvs.up(serverTwo);
  return lvs;
}

const commandsTo = (lvs: ReturnType<typeof fakeLvs>, from = 0) =>
  lvs.actions.slice(from).flatMap((action) => (action.type === 'command-nanny' ? action.commands : []));

test('without an order nothing is touched, only read', () => {
  const lvs = fakeLvs();
  lvs.tamper(webLine, oneLine, strange);
  lvs.configure(file);
  lvs.advance(60_000);
  expect(lvs.table()).toEqual([webLine, strange, oneLine]);
  expect(lvs.told()).toEqual(['configured']);
  expect(lvs.actions.filter((action) => action.type === 'start-nanny')).toEqual([]);
});

test('active: services are written at once, servers when they were found to be good', () => {
  const lvs = activeLvs();
  expect(lvs.table()).toEqual([webLine]);
  lvs.up(serverOne);
  expect(lvs.table()).toEqual([webLine, oneLine]);
  lvs.down(serverOne);
  expect(lvs.table()).toEqual([webLine]);
});

test('ready is said once, when every server was judged and the table says so', () => {
  const lvs = activeLvs();
  lvs.up(serverOne);
  expect(lvs.told()).toEqual(['configured', 'written']);
  lvs.behave('hanging');
  lvs.down(serverTwo);
  expect(lvs.told()).toEqual(['configured', 'written', 'ready']);
  lvs.up(serverTwo);
  lvs.behave(goodKernel);
  lvs.settle();
  lvs.advance(60_000);
  expect(lvs.told()).toEqual(['configured', 'written', 'ready']);
});

test('ready waits until the last verdict is in the table', () => {
  const lvs = activeLvs();
  lvs.up(serverOne);
  lvs.behave('hanging');
  lvs.up(serverTwo);
  expect(lvs.told()).toEqual(['configured', 'written']);
  lvs.behave(goodKernel);
  lvs.settle();
  expect(lvs.told()).toEqual(['configured', 'written', 'ready']);
});

test('a virtual server without active servers is judged from the start', () => {
  expect(activeLvs(virtual('empty', 80, '')).told()).toEqual(['configured', 'ready']);
});

test('writing the table comes before starting nannies', () => {
  const lvs = fakeLvs();
  lvs.configure(file);
  const before = lvs.actions.length;
  lvs.order('active');
  const orders = lvs.actions.slice(before).map((action) => action.type);
  expect(orders.indexOf('work-on-table')).toBeLessThan(orders.indexOf('start-nanny'));
});

test('cold standby: no nannies, our services out of the table, leftovers of an earlier life too', () => {
  const lvs = fakeLvs();
  lvs.tamper(webLine, oneLine, strange);
  lvs.configure(file);
  lvs.order('standby');
  expect(lvs.table()).toEqual([strange]);
  expect(lvs.told()).toEqual(['configured', 'standing-by']);
  expect(lvs.actions.filter((action) => action.type === 'start-nanny')).toEqual([]);
});

test('a service that somebody else made is left alone, also at the end', () => {
  const lvs = fakeLvs();
  lvs.tamper(strange);
  lvs.configure(file);
  lvs.order('active');
  expect(lvs.table()).toEqual([strange, webLine]);
  lvs.send({ type: 'stop', at: lvs.now(), reason: 'shutting down due to signal 15' });
  expect(lvs.table()).toEqual([strange]);
  expect(lvs.actions.at(-1)).toEqual({ type: 'exit', status: 0 });
});

test('from active to standby and back: everything out, everything in, each told once', () => {
  const lvs = readyLvs();
  lvs.order('standby');
  expect(lvs.table()).toEqual([]);
  expect(lvs.state().nannies.size).toBe(0);
  lvs.order('active');
  lvs.up(serverOne);
  lvs.up(serverTwo);
  expect(lvs.table()).toEqual([webLine, oneLine, twoLine]);
  expect(lvs.told()).toEqual(['configured', 'written', 'ready', 'standing-by', 'written', 'ready']);
});

test('an order that repeats the present role is not answered again', () => {
  const lvs = readyLvs();
  lvs.order('active');
  expect(lvs.told()).toEqual(['configured', 'written', 'ready']);
});

test('hot standby: servers are checked and the table stands; active is ready at once', () => {
  const lvs = fakeLvs();
  lvs.configure(hot);
  lvs.order('standby');
  expect(lvs.told()).toEqual(['configured', 'standing-by']);
  lvs.up(serverOne);
  lvs.down(serverTwo);
  expect(lvs.table()).toEqual([webLine, oneLine]);
  const before = lvs.actions.length;
  lvs.order('active');
  expect(lvs.actions.slice(before)).toEqual([{ type: 'tell', message: { type: 'ready' } }]);
});

test('orders that come while ipvsadm runs take effect after it, the last one only', () => {
  const lvs = readyLvs();
  lvs.behave('hanging');
  lvs.order('standby');
  lvs.order('active');
  lvs.order('standby');
  expect(lvs.table()).toEqual([webLine, oneLine, twoLine]);
  lvs.behave(goodKernel);
  lvs.settle();
  expect(lvs.table()).toEqual([]);
  expect(lvs.told()).toEqual(['configured', 'written', 'ready', 'standing-by']);
});

test('a restarted lvs leaves the servers it finds in place until they are judged', () => {
  const lvs = fakeLvs();
  lvs.tamper(webLine, '-a -t 10.0.0.100:80 -r 10.0.1.1:80 -m -w 7', twoLine);
  lvs.configure(file);
  lvs.order('active');
  expect(lvs.table()).toEqual([webLine, '-a -t 10.0.0.100:80 -r 10.0.1.1:80 -m -w 7', twoLine]);
  lvs.up(serverOne);
  lvs.down(serverTwo);
  expect(lvs.table()).toEqual([webLine, oneLine]);
});

test('with quiesce_server a server that fails stays with weight 0, and one that never served is not put in', () => {
  const lvs = activeLvs(virtual('web', 80, one + two, 'quiesce_server = 1'));
  lvs.up(serverOne);
  lvs.down(serverOne);
  lvs.down(serverTwo);
  expect(lvs.table()).toEqual([webLine, '-a -t 10.0.0.100:80 -r 10.0.1.1:80 -m -w 0']);
});

test('what somebody else does to our services is undone within 5 s and logged', () => {
  const lvs = readyLvs();
  lvs.tamper(webLine, strange);
  lvs.advance(5_000);
  expect(lvs.table()).toEqual([webLine, strange, oneLine, twoLine]);
  expect(lvs.logged()).toContain('somebody else changed the IPVS table: repairing it');
});

test('a reload edits in place: an unchanged server keeps entry, nanny and health', () => {
  const lvs = readyLvs();
  const before = lvs.actions.length;
  lvs.configure(virtual('web', 80, one + server('two', '10.0.1.2', 'weight = 5'), 'scheduler = rr'));
  expect(lvs.actions.slice(before).map((action) => action.type)).toEqual(['work-on-table', 'tell', 'tell']);
  expect(lvs.table()).toEqual(['-A -t 10.0.0.100:80 -s rr', oneLine, '-a -t 10.0.0.100:80 -r 10.0.1.2:80 -m -w 5']);
});

test('a changed check goes to the same nanny with the last verdict', () => {
  const lvs = readyLvs();
  const before = lvs.actions.length;
  lvs.configure(virtual('web', 80, one + two, 'timeout = 3'));
  expect(commandsTo(lvs, before)).toMatchObject([
    { type: 'watch', server: serverOne, known: 'up', check: { timeout: 3000 } },
    { type: 'watch', server: serverTwo, known: 'up', check: { timeout: 3000 } },
  ]);
  expect(lvs.actions.slice(before).filter((action) => action.type === 'start-nanny')).toEqual([]);
});

test('a server that a reload drops leaves the table, and its nanny ends', () => {
  const lvs = readyLvs();
  lvs.configure(virtual('web', 80, one));
  expect(lvs.table()).toEqual([webLine, oneLine]);
  expect(lvs.state().nannies.size).toBe(1);
});

test('a service that a reload drops leaves the table; made by hand later it is nobody of ours', () => {
  const lvs = readyLvs();
  lvs.configure(virtual('other', 81, ''));
  expect(lvs.table()).toEqual(['-A -t 10.0.0.100:81 -s wlc']);
  lvs.tamper('-A -t 10.0.0.100:81 -s wlc', webLine);
  lvs.advance(20_000);
  expect(lvs.table()).toEqual(['-A -t 10.0.0.100:81 -s wlc', webLine]);
});

test('a refused configuration is answered and changes nothing', () => {
  const lvs = readyLvs();
  lvs.send({ type: 'rejected', at: lvs.now(), problem: 'lvs.cf:1:1: error' });
  expect(lvs.told().at(-1)).toBe('rejected');
  expect(lvs.table()).toEqual([webLine, oneLine, twoLine]);
});

test('a nanny that dies is started again later and later; its servers keep their state', () => {
  const lvs = readyLvs();
  const nanny = lvs.nannyOf(serverOne);
  const starts = () => lvs.actions.filter((action) => action.type === 'start-nanny' && action.nanny === nanny).length;
  lvs.nannyDies(nanny);
  expect(lvs.table()).toEqual([webLine, oneLine, twoLine]);
  expect(lvs.logged().at(-1)).toBe('nanny for child web/one died! it was killed by SIGKILL');
  const before = lvs.actions.length;
  lvs.advance(100);
  expect(starts()).toBe(2);
  expect(commandsTo(lvs, before)).toMatchObject([{ type: 'watch', server: serverOne, known: 'up' }]);
  lvs.nannyDies(nanny);
  lvs.advance(199);
  expect(starts()).toBe(2);
  lvs.advance(1);
  expect(starts()).toBe(3);
  lvs.advance(60_000);
  lvs.nannyDies(nanny);
  lvs.advance(100);
  expect(starts()).toBe(4);
});

test('servers that are judged while ipvsadm rests from a slow run go in one batch after it', () => {
  const three = server('three', '10.0.1.3');
  const lvs = activeLvs(virtual('web', 80, one + two + three));
  const batches = () =>
    lvs.actions.flatMap((action) => (action.type === 'work-on-table' ? [action.commands.map(restoreLine)] : []));
  lvs.behave('hanging');
  lvs.up(serverOne);
  lvs.advance(300);
  lvs.behave(goodKernel);
  const before = batches().length;
  lvs.up(serverTwo);
  lvs.advance(100);
  lvs.up('tcp 10.0.0.100:80/10.0.1.3:80');
  lvs.advance(199);
  expect(batches().slice(before)).toEqual([]);
  lvs.advance(1);
  expect(batches().slice(before)).toEqual([[twoLine, '-a -t 10.0.0.100:80 -r 10.0.1.3:80 -m -w 1']]);
});

test('a server that fails does not wait for a reading that is under way, and what that has read counts for nothing', () => {
  const lvs = readyLvs();
  const table = lvs.state().keeper.found ?? new Map<never, never>();
  lvs.behave('hanging');
  lvs.advance(4000);
  const reading = lvs.state().keeper.run;
  const before = lvs.actions.length;
  lvs.down(serverOne);
  const works = lvs.actions.slice(before).filter((action) => action.type === 'work-on-table');
  expect(works.map((work) => work.commands.map(restoreLine))).toEqual([['-d -t 10.0.0.100:80 -r 10.0.1.1:80']]);
  lvs.behave(goodKernel);
  const late = { complaint: '', finished: true, timeouts: undefined, settings: [], read: success(table) };
  lvs.send({ type: 'table-done', at: lvs.now(), run: reading, result: late });
  expect(lvs.table()).toEqual([webLine, twoLine]);
  expect(lvs.actions.slice(before).filter((action) => action.type === 'work-on-table')).toHaveLength(1);
});

test('several verdicts at once are written at once', () => {
  const lvs = activeLvs(`max_nannies = 1\n${file}`);
  const findings = [serverOne, serverTwo].map((each) => ({ type: 'up', server: each }) as const);
  const before = lvs.actions.length;
  lvs.send({ type: 'nanny-said', at: lvs.now(), nanny: lvs.nannyOf(serverOne), findings });
  const works = lvs.actions.slice(before).filter((action) => action.type === 'work-on-table');
  expect(works.map((work) => work.commands.map(restoreLine))).toEqual([[oneLine, twoLine]]);
});

test('a verdict of a nanny that no longer has the server is not heard', () => {
  const lvs = readyLvs();
  const before = lvs.nannyOf(serverOne);
  lvs.configure(virtual('web', 80, two));
  lvs.configure(file);
  lvs.send({ type: 'nanny-said', at: lvs.now(), nanny: before, findings: [{ type: 'up', server: serverOne }] });
  expect(lvs.table()).toEqual([webLine, twoLine]);
});

test('a line without effect is named with what ipvsadm said, and tried again after 1, 2, 4 s', () => {
  const lvs = activeLvs(file);
  const tries: number[] = [];
  lvs.behave((work, table) => {
    if (work.commands.length > 0) tries.push(lvs.now());
    return { table, complaint: 'Memory allocation problem', finished: true };
  });
  lvs.up(serverOne);
  lvs.advance(8_000);
  expect(tries).toEqual([0, 1000, 3000, 7000]);
  const errors = lvs.actions.flatMap((action) => (action.type === 'log' && action.level === 'error' ? [action] : []));
  expect(errors).toEqual([
    {
      type: 'log',
      level: 'error',
      text: 'ipvsadm failed for virtual server web!',
      fields: { line: oneLine, problem: 'Memory allocation problem' },
    },
  ]);
  lvs.behave(goodKernel);
  lvs.advance(8_000);
  expect(lvs.table()).toEqual([webLine, oneLine]);
  expect(lvs.logged().at(-1)).toBe('the IPVS table is as it should be again');
});

test('a line at which ipvsadm gives up goes last, so that it holds up no other', () => {
  const lvs = fakeLvs();
  lvs.configure(virtual('bad', 81, '') + virtual('web', 80, ''));
  lvs.behave((work, table) => {
    const end = work.commands.findIndex((command) => restoreLine(command).startsWith('-A -t 10.0.0.100:81'));
    const commands = end < 0 ? work.commands : work.commands.slice(0, end);
    return { ...goodKernel({ ...work, commands }, table), complaint: 'usage', finished: end < 0 };
  });
  lvs.order('active');
  expect(lvs.table()).toEqual([]);
  lvs.advance(1_000);
  expect(lvs.table()).toEqual([webLine]);
});

test('a table that can not be read once is read again at once, and pulse hears nothing of it', () => {
  const lvs = readyLvs();
  lvs.behave('unreadable once');
  lvs.advance(10_000);
  expect(lvs.told()).toEqual(['configured', 'written', 'ready']);
  expect(lvs.logged().at(-1)).toBe('the IPVS table could not be read; trying again');
  expect(lvs.table()).toEqual([webLine, oneLine, twoLine]);
});

test('without IPVS: the module is loaded, pulse is told, both again for a new role, and it is tried on', () => {
  const lvs = fakeLvs();
  lvs.behave('unreadable');
  lvs.configure(file);
  lvs.order('active');
  lvs.advance(60_000);
  const runs = lvs.actions.flatMap((action) => (action.type === 'work-on-table' ? [action] : []));
  expect(runs.filter((run) => run.loadModule)).toHaveLength(2);
  expect(lvs.told()).toEqual(['configured', 'unable', 'unable']);
  lvs.behave(goodKernel);
  lvs.advance(10_000);
  lvs.up(serverOne);
  lvs.up(serverTwo);
  expect(lvs.table()).toEqual([webLine, oneLine, twoLine]);
  expect(lvs.told()).toEqual(['configured', 'unable', 'unable', 'written', 'ready']);
});

test('an ipvsadm that fails later stops nothing: the kernel has its table', () => {
  const lvs = readyLvs();
  lvs.behave('unreadable');
  lvs.advance(60_000);
  expect(lvs.told()).toEqual(['configured', 'written', 'ready']);
  expect(lvs.logged().at(-1)).toBe('the IPVS table can not be read or written');
});

test('a kernel that has lost the table and takes no line any more is told, though lvs was ready before', () => {
  const lvs = readyLvs();
  lvs.tamper();
  lvs.behave((_, table) => ({ table, complaint: 'Protocol not available', finished: true }));
  lvs.advance(60_000);
  expect(lvs.told()).toEqual(['configured', 'written', 'ready', 'unable']);
  lvs.behave(goodKernel);
  lvs.advance(60_000);
  expect(lvs.told()).toEqual(['configured', 'written', 'ready', 'unable', 'ready']);
});

test('one service that the kernel refuses does not keep the others from being ready', () => {
  const lvs = fakeLvs();
  lvs.configure(virtual('bad', 81, '') + virtual('web', 80, ''));
  lvs.behave((work, table) => {
    const commands = work.commands.filter((command) => !restoreLine(command).includes(':81'));
    return { ...goodKernel({ ...work, commands }, table), complaint: 'Scheduler not found' };
  });
  lvs.order('active');
  expect(lvs.told()).toEqual(['configured', 'ready']);
});

test('an ipvsadm that is killed once while it writes the first services is tried again before pulse hears of it', () => {
  const lvs = fakeLvs();
  lvs.configure(virtual('web', 80, ''));
  lvs.behave((_work, table) => ({ table, complaint: 'ipvsadm -R: was killed by SIGKILL', finished: false }));
  lvs.order('active');
  expect(lvs.told()).toEqual(['configured']);
  lvs.behave(goodKernel);
  lvs.advance(2_000);
  expect(lvs.told()).toEqual(['configured', 'ready']);
});

test('if the kernel refuses every service pulse is told, and told again when it takes one', () => {
  const lvs = fakeLvs();
  lvs.configure(virtual('web', 80, ''));
  lvs.behave((_work, table) => ({ table, complaint: 'Operation not permitted', finished: true }));
  lvs.order('active');
  lvs.advance(10_000);
  expect(lvs.told()).toEqual(['configured', 'unable']);
  lvs.behave(goodKernel);
  lvs.advance(10_000);
  expect(lvs.told()).toEqual(['configured', 'unable', 'ready']);
});

test('without IPVS every order is tried at once and answered', () => {
  const lvs = fakeLvs();
  lvs.behave('unreadable');
  lvs.configure(file);
  lvs.order('standby');
  lvs.order('active');
  expect(lvs.told()).toEqual(['configured', 'unable', 'unable', 'unable']);
});

test('an lvs that was told nothing yet ends without touching the table', () => {
  const lvs = fakeLvs();
  lvs.tamper(webLine);
  lvs.configure(file);
  lvs.send({ type: 'stop', at: lvs.now(), reason: 'shutting down due to signal 15' });
  expect(lvs.table()).toEqual([webLine]);
  expect(lvs.actions.at(-1)).toEqual({ type: 'exit', status: 0 });
});

test('a table that refuses twice does not hold up the end, and the exit status tells', () => {
  const lvs = readyLvs();
  lvs.behave((_work, table) => ({ table, complaint: 'Operation not permitted', finished: true }));
  lvs.send({ type: 'stop', at: lvs.now(), reason: 'shutting down due to signal 15' });
  lvs.advance(1_000);
  expect(lvs.actions.at(-1)).toEqual({ type: 'exit', status: 1 });
});

test('the log has the words that administrators of the original know', () => {
  const lvs = readyLvs();
  lvs.send({ type: 'stop', at: lvs.now(), reason: 'shutting down due to signal 15' });
  expect(lvs.logged()).toEqual([
    'starting virtual service web active: 80',
    'create_monitor for web/one running as pid 101',
    'create_monitor for web/two running as pid 102',
    'shutting down due to signal 15',
    'shutting down virtual service web',
  ]);
});

test('the log says when the sorry server goes in and when it is out again', () => {
  const lvs = readyLvs(virtual('web', 80, one + two, 'sorry_server = 10.0.9.9'));
  lvs.down(serverOne);
  const quiet = lvs.logged().filter((line) => line.includes('sorry'));
  lvs.down(serverTwo);
  expect(lvs.table()).toEqual([webLine, '-a -t 10.0.0.100:80 -r 10.0.9.9:80 -m -w 1']);
  lvs.up(serverOne);
  expect(lvs.table()).toEqual([webLine, oneLine]);
  expect(quiet).toEqual([]);
  expect(lvs.logged().filter((line) => line.includes('sorry'))).toEqual([
    'no real server of web is in service: the sorry server 10.0.9.9 is',
    'a real server of web is in service again: the sorry server 10.0.9.9 is out',
  ]);
});

const timeoutsSent = (lvs: ReturnType<typeof fakeLvs>) =>
  lvs.actions.flatMap((action) => (action.type === 'work-on-table' ? [action.timeouts] : [])).filter(Boolean);

test('connection timeouts are set once, and again when a reload changes them', () => {
  const lvs = readyLvs(`tcp_timeout = 900\n${file}`);
  lvs.advance(60_000);
  lvs.configure(`udp_timeout = 30\n${file}`);
  lvs.advance(60_000);
  expect(timeoutsSent(lvs)).toEqual([
    { tcp: 900, tcpFin: 0, udp: 0 },
    { tcp: 0, tcpFin: 0, udp: 30 },
  ]);
});

test('timeouts that are refused are tried again, and the log says so once', () => {
  const lvs = fakeLvs();
  lvs.refuseTimeouts('Operation not permitted');
  lvs.configure(`tcp_timeout = 900\n${file}`);
  lvs.order('active');
  lvs.advance(60_000);
  expect(lvs.logged().filter((line) => line.includes('timeouts'))).toEqual([
    'ipvsadm failed to set timeouts (900 0 0)',
  ]);
  lvs.refuseTimeouts('');
  lvs.advance(6_000);
  const tries = timeoutsSent(lvs).length;
  lvs.advance(60_000);
  expect(timeoutsSent(lvs)).toHaveLength(tries);
});

const loads = (lvs: ReturnType<typeof fakeLvs>): number =>
  lvs.actions.filter((action) => action.type === 'load-ftp-module').length;

test('the module for FTP is loaded once, when FTP over NAT begins', () => {
  const lvs = activeLvs();
  expect(loads(lvs)).toBe(0);
  lvs.configure(file + virtual('ftp', 21, one));
  lvs.configure(file + virtual('ftp', 21, one + two));
  lvs.advance(60_000);
  expect(loads(lvs)).toBe(1);
  lvs.order('standby');
  lvs.order('active');
  expect(loads(lvs)).toBe(2);
});

test.each([
  ['a firewall mark with port 21', virtual('ftp', 21, one, 'fwmark = 21'), 1],
  [
    'one masqueraded server among others',
    `network = direct\n${virtual('ftp', 21, one + server('n', '10.0.1.9', 'network = nat'))}`,
    1,
  ],
  ['a masqueraded sorry server', virtual('ftp', 21, '', 'sorry_server = 10.0.1.9'), 1],
  ['direct routing', `network = direct\n${virtual('ftp', 21, one)}`, 0],
  ['another port', virtual('web', 80, one), 0],
  ['UDP', virtual('web', 21, one, 'protocol = udp'), 0],
])('whether the module for FTP is needed: %s', (_which, text, expected) => {
  expect(loads(activeLvs(text))).toBe(expected);
});

test('a router that stands by without a table loads no module, one with a table does', () => {
  const ftp = virtual('ftp', 21, one);
  for (const [text, expected] of [
    [ftp, 0],
    [`hot_standby = 1\n${ftp}`, 1],
  ] as const) {
    const lvs = fakeLvs();
    lvs.configure(text);
    lvs.order('standby');
    expect(loads(lvs)).toBe(expected);
  }
});

test('a module for FTP that can not be loaded is named, and the service stands all the same', () => {
  const lvs = activeLvs(virtual('ftp', 21, one));
  lvs.send({ type: 'ftp-module-done', at: lvs.now(), problem: 'modprobe: not found' });
  expect(lvs.logged()).toContain('FTP over NAT will not work: the module ip_vs_ftp could not be loaded');
  lvs.up('tcp 10.0.0.100:21/10.0.1.1:21');
  expect(lvs.table()).toEqual(['-A -t 10.0.0.100:21 -s wlc', '-a -t 10.0.0.100:21 -r 10.0.1.1:21 -m -w 1']);
});

test('a module for FTP that was loaded needs no word', () => {
  const lvs = activeLvs(virtual('ftp', 21, one));
  const before = lvs.logged().length;
  lvs.send({ type: 'ftp-module-done', at: lvs.now(), problem: '' });
  expect(lvs.logged()).toHaveLength(before);
});

test('names of blocks stand in the log as the file has them', () => {
  const odd = '"%s %n \\"é\\" {x}"';
  const lvs = activeLvs(virtual(odd, 80, server('"$(id) \'y\'"', '10.0.1.1')));
  expect(lvs.logged()).toContain('starting virtual service %s %n \\"é\\" {x} active: 80');
  lvs.nannyDies(lvs.nannyOf(serverOne));
  expect(lvs.logged()).toContainEqual(expect.stringContaining('%s %n \\"é\\" {x}/$(id) \'y\' died!'));
});

const judgement = (lvs: ReturnType<typeof fakeLvs>, server: string) => lvs.state().judgements.get(server);

test('since when a server is up or down is known, and why it is down', () => {
  const lvs = activeLvs();
  expect(judgement(lvs, serverOne)).toEqual({ since: 0, reason: '' });
  lvs.advance(1000);
  lvs.down(serverOne);
  lvs.advance(1000);
  lvs.down(serverOne);
  expect(judgement(lvs, serverOne)).toEqual({ since: 1000, reason: 'connection refused' });
  lvs.up(serverOne);
  expect(judgement(lvs, serverOne)).toEqual({ since: 2000, reason: '' });
});

test('a reload, a changed check and the death of a nanny do not change since when and why', () => {
  const lvs = readyLvs();
  lvs.advance(1000);
  lvs.down(serverTwo);
  lvs.advance(1000);
  lvs.configure(virtual('renamed', 80, two + one, 'timeout = 3'));
  lvs.nannyDies(lvs.nannyOf(serverTwo));
  lvs.advance(1000);
  expect([serverOne, serverTwo].map((server) => judgement(lvs, server))).toEqual([
    { since: 0, reason: '' },
    { since: 1000, reason: 'connection refused' },
  ]);
  expect(lvs.table()).toEqual([webLine, oneLine]);
});

test('a server that is not checked any more is forgotten', () => {
  const lvs = readyLvs();
  lvs.configure(virtual('web', 80, one));
  expect([...lvs.state().judgements.keys()]).toEqual([serverOne]);
  lvs.order('standby');
  expect(lvs.state().judgements.size).toBe(0);
});
