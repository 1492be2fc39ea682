import { expect, test } from '@jest/globals';
import { success } from '@piranha/domain';
import { restoreLine } from '@piranha/ipvs';
import { watchId } from './checks.ts';
import { goodKernel } from '../testing/fake-kernel.ts';
import type { FakeLvs } from '../testing/fake-lvs.ts';
import {
  activeLvs,
  commandsTo,
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
} from '../testing/fake-service.ts';

const judgement = (lvs: FakeLvs, server: string) => lvs.state().judgements.get(server);

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
  expect(commandsTo(lvs, before)).toMatchObject([{ type: 'watch', watch: watchId(serverOne), known: 'up' }]);
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
  const findings = [serverOne, serverTwo].map((each) => ({ type: 'up', watch: watchId(each) }) as const);
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
  lvs.send({ type: 'nanny-said', at: lvs.now(), nanny: before, findings: [{ type: 'up', watch: watchId(serverOne) }] });
  expect(lvs.table()).toEqual([webLine, twoLine]);
});

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

test('each change of a verdict is news once, with the reason', () => {
  const lvs = readyLvs();
  const before = lvs.actions.length;
  lvs.down(serverOne);
  lvs.down(serverOne);
  lvs.up(serverOne);
  const news = lvs.actions.slice(before).flatMap((action) => (action.type === 'news' ? [action.news] : []));
  expect(news).toEqual([
    {
      ...{ type: 'server-down', server: serverOne, label: 'web/one', from: 'up' },
      because: { type: 'nanny-said', reason: 'connection refused' },
    },
    {
      ...{ type: 'server-up', server: serverOne, label: 'web/one', from: 'down' },
      because: { type: 'nanny-said', reason: '' },
    },
  ]);
});
