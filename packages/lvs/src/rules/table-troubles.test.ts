import { expect, test } from '@jest/globals';
import { restoreLine } from '@piranha/ipvs';
import { goodKernel } from '../testing/fake-kernel.ts';
import { fakeLvs, linesOf } from '../testing/fake-lvs.ts';
import {
  activeLvs,
  file,
  oneLine,
  readyLvs,
  serverOne,
  serverTwo,
  twoLine,
  virtual,
  webLine,
} from '../testing/fake-service.ts';

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
  const errors = linesOf(lvs.actions).filter(({ level }) => level === 'error');
  expect(errors).toEqual([
    {
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

test('a table that cannot be read once is read again at once, and pulse hears nothing of it', () => {
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
  expect(lvs.logged().at(-1)).toBe('the IPVS table cannot be read or written');
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

test('a table that refuses twice does not hold up the end, and the exit status tells', () => {
  const lvs = readyLvs();
  lvs.behave((_work, table) => ({ table, complaint: 'Operation not permitted', finished: true }));
  lvs.send({ type: 'stop', at: lvs.now(), signal: 15 });
  lvs.advance(1_000);
  expect(lvs.actions.at(-1)).toEqual({ type: 'exit', status: 1 });
});
