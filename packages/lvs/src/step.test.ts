import { expect, test } from '@jest/globals';
import { goodKernel } from './testing/fake-kernel.ts';
import { fakeLvs } from './testing/fake-lvs.ts';
import {
  activeLvs,
  file,
  one,
  oneLine,
  readyLvs,
  server,
  serverOne,
  serverTwo,
  two,
  twoLine,
  virtual,
  webLine,
} from './testing/fake-service.ts';

const strange = '-A -t 192.0.2.1:80 -s rr';

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
  lvs.send({ type: 'stop', at: lvs.now(), signal: 15 });
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
  lvs.configure(`hot_standby = 1\n${file}`);
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

test('an lvs that was told nothing yet ends without touching the table', () => {
  const lvs = fakeLvs();
  lvs.tamper(webLine);
  lvs.configure(file);
  lvs.send({ type: 'stop', at: lvs.now(), signal: 15 });
  expect(lvs.table()).toEqual([webLine]);
  expect(lvs.actions.at(-1)).toEqual({ type: 'exit', status: 0 });
});

test('the log has the words that administrators of the original know', () => {
  const lvs = readyLvs();
  lvs.send({ type: 'stop', at: lvs.now(), signal: 15 });
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

test('names of blocks stand in the log as the file has them', () => {
  const odd = '"%s %n \\"é\\" {x}"';
  const lvs = activeLvs(virtual(odd, 80, server('"$(id) \'y\'"', '10.0.1.1')));
  expect(lvs.logged()).toContain('starting virtual service %s %n \\"é\\" {x} active: 80');
  lvs.nannyDies(lvs.nannyOf(serverOne));
  expect(lvs.logged()).toContainEqual(expect.stringContaining('%s %n \\"é\\" {x}/$(id) \'y\' died!'));
});
