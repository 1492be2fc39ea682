import { expect, test } from '@jest/globals';
import { watchId } from './checks.ts';
import type { FakeLvs } from '../testing/fake-lvs.ts';
import { configurationFromText } from '@piranha/config';
import {
  commandsTo,
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
} from '../testing/fake-service.ts';

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
    { type: 'watch', watch: watchId(serverOne), known: 'up', check: { timeout: 3000 } },
    { type: 'watch', watch: watchId(serverTwo), known: 'up', check: { timeout: 3000 } },
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

/** Only the watches of one server. */
const known = (lvs: FakeLvs, from: number) =>
  commandsTo(lvs, from).flatMap((command) =>
    command.type === 'watch' && command.watch === watchId(serverOne) ? [command.known] : [],
  );

/** A server that is down by a check, and what its nanny is told after a reload of these lines. */
function afterReload(lines: string) {
  const lvs = readyLvs(virtual('web', 80, one + two, 'expect = 200\ntimeout = 4'));
  lvs.down(serverOne);
  const before = lvs.actions.length;
  lvs.configure(virtual('web', 80, one + two, lines));
  return { lvs, told: known(lvs, before) };
}

test.each([
  ['expect = HTTP\ntimeout = 4'],
  ['expect = 200\nsend = x\ntimeout = 4'],
  ['expect = 200\nuse_regex = 1\ntimeout = 4'],
  ['send_program = /bin/true\ntimeout = 4'],
  ['expect = 200\ntimeout = 8'],
])('a server that is down by a check that a reload changes is judged anew: %j', (lines) => {
  expect(afterReload(lines).told).toEqual(['unknown']);
});

test.each([['expect = 200\ntimeout = 4\nreentry = 20'], ['expect = 200\ntimeout = 4\nfall = 3\nload_monitor = rup']])(
  'where the same is asked it goes on waiting: %j',
  (lines) => {
    expect(afterReload(lines).told).toEqual(['down']);
  },
);

test('it stays out until the new check was good, once; then its health is as any other', () => {
  const { lvs } = afterReload('expect = HTTP\ntimeout = 4');
  expect(lvs.table()).toEqual([webLine, twoLine]);
  lvs.up(serverOne);
  expect(lvs.table()).toContain(oneLine);
  lvs.down(serverOne);
  const before = lvs.actions.length;
  lvs.nannyDies(lvs.nannyOf(serverOne));
  lvs.advance(100);
  expect(known(lvs, before)).toEqual(['down']);
});

test('a nanny that dies before the first result of the new check, and another reload, change nothing of that', () => {
  const { lvs } = afterReload('expect = HTTP\ntimeout = 4');
  const before = lvs.actions.length;
  lvs.nannyDies(lvs.nannyOf(serverOne));
  lvs.advance(100);
  lvs.configure(virtual('web', 80, one + two, 'expect = HTTP\ntimeout = 4\nfall = 2'));
  expect(known(lvs, before)).toEqual(['unknown', 'unknown']);
});

test('another user for nannies: all of them are replaced, and servers keep their health', () => {
  const lvs = readyLvs();
  const started = (from: number) =>
    lvs.actions.slice(from).flatMap((action) => (action.type === 'start-nanny' ? [action.user] : []));
  const loaded = configurationFromText('lvs.cf', virtual('web', 80, one + two), {});
  if (!loaded.ok) throw new Error('a bad file');
  const configure = (nannyUser: string | undefined): number => {
    const before = lvs.actions.length;
    lvs.send({ type: 'configured', at: lvs.now(), ...loaded.value, nannyUser });
    return before;
  };
  expect(started(0)).toEqual([undefined, undefined]);
  const before = configure('101:102');
  expect(lvs.actions.slice(before).filter((action) => action.type === 'stop-nanny')).toHaveLength(2);
  expect(started(before)).toEqual(['101:102', '101:102']);
  expect(commandsTo(lvs, before)).toMatchObject([
    { type: 'watch', watch: watchId(serverOne), known: 'up' },
    { type: 'watch', watch: watchId(serverTwo), known: 'up' },
  ]);
  expect(lvs.table()).toEqual([webLine, oneLine, twoLine]);
  expect(started(configure('101:102'))).toEqual([]);
});
