import { expect, test } from '@jest/globals';
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
} from './fake-service.ts';

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
