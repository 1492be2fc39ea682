import { expect, test } from '@jest/globals';
import { fakeLvs } from '../testing/fake-lvs.ts';
import { reportOf } from './report.ts';

const file = `
virtual web {
  active = 1
  address = 10.0.0.100 eth0:1
  server one {
    active = 1
    address = 10.0.1.1
  }
}
`;
const drain = { type: 'drain', virtual: 'web', server: 'one', timeoutMs: null } as const;
const undrain = { type: 'undrain', virtual: 'web', server: 'one' } as const;
const full = 'ENOSPC: no space left on device, write';
const notSaved = `orders about servers cannot be saved, a restart of lvs would forget them: ${full}`;

function serving() {
  const lvs = fakeLvs();
  lvs.configure(file);
  lvs.order('active');
  const answers = () =>
    lvs.actions.flatMap((each) =>
      each.type === 'tell' && each.message.type === 'server-ordered' ? [[each.message.done, each.message.unsaved]] : [],
    );
  const troubles = () => reportOf(lvs.state(), undefined, lvs.now()).troubles;
  const logged = () => lvs.logged().filter((line) => line.includes('orders about servers'));
  return { ...lvs, answers, troubles, logged };
}

test('whoever orders something while the disk is full is told that it is done but not saved', () => {
  const lvs = serving();
  lvs.disk.problem = full;
  lvs.orderServer(drain);
  lvs.orderServer(undrain);
  expect(lvs.answers()).toEqual([
    [true, full],
    [true, full],
  ]);
  expect([lvs.logged(), lvs.troubles()]).toEqual([[notSaved], [notSaved]]);
});

test('orders are saved by themselves once there is room', () => {
  const lvs = serving();
  lvs.disk.problem = full;
  lvs.orderServer(drain);
  lvs.advance(15_000);
  expect(lvs.troubles()).toEqual([notSaved]);
  lvs.disk.problem = undefined;
  lvs.advance(10_000);
  expect([lvs.logged(), lvs.troubles()]).toEqual([[notSaved, 'orders about servers are saved again'], []]);
});

test('an order that changes nothing needs no disk', () => {
  const lvs = serving();
  lvs.disk.problem = full;
  lvs.orderServer(undrain);
  expect(lvs.answers()).toEqual([[true, null]]);
});
