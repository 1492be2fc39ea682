import { expect, test } from '@jest/globals';
import { fakeLvs } from '../testing/fake-lvs.ts';

const server = (number: number): string => `server s${number} {\n active = 1\n address = 10.0.1.${number}\n}\n`;
const service = (name: string, port: number, count: number): string =>
  `virtual ${name} {\n active = 1\n address = 10.0.0.100 eth0:1\n port = ${port}\n` +
  `${Array.from({ length: count }, (_, index) => server(index + 1)).join('')}}\n`;
const file = service('web', 80, 3);
const id = (number: number, port = 80): string => `tcp 10.0.0.100:${port}/10.0.1.${number}:${port}`;

function lvsWith(text = file) {
  const lvs = fakeLvs();
  lvs.configure(text);
  lvs.order('active');
  return lvs;
}

/** All three servers are up, and pulse knows it. */
function fullLvs() {
  const lvs = lvsWith();
  [1, 2, 3].forEach((number) => {
    lvs.up(id(number));
  });
  lvs.advance(5000);
  return lvs;
}

test('nothing is said as long as any server was not judged', () => {
  const lvs = lvsWith();
  lvs.up(id(1));
  lvs.down(id(2));
  lvs.advance(5000);
  expect(lvs.living()).toEqual([]);
  lvs.up(id(3));
  expect(lvs.living()).toEqual([2]);
});

test('the last server that fails, and the first that is back, are told at once', () => {
  const lvs = fullLvs();
  [1, 2, 3].forEach((number) => {
    lvs.down(id(number));
  });
  lvs.up(id(2));
  expect(lvs.living()).toEqual([3, 2, 0, 1]);
});

test('other changes are told once a second at most, with the count as it is then', () => {
  const text = service('web', 80, 40);
  const lvs = lvsWith(text);
  for (let number = 1; number <= 40; number++) lvs.up(id(number));
  expect(lvs.living()).toEqual([40]);
  for (let number = 1; number <= 30; number++) {
    lvs.advance(50);
    lvs.down(id(number));
  }
  expect(lvs.living()).toEqual([40, 21]);
  lvs.advance(1000);
  expect(lvs.living()).toEqual([40, 21, 10]);
  lvs.advance(60_000);
  expect(lvs.living()).toEqual([40, 21, 10]);
});

test('a change that is undone within a second needs no word', () => {
  const lvs = fullLvs();
  lvs.down(id(1));
  lvs.down(id(2));
  lvs.up(id(2));
  lvs.advance(60_000);
  expect(lvs.living()).toEqual([3, 2]);
});

test('servers of all active virtual servers count', () => {
  const lvs = lvsWith(service('web', 80, 1) + service('mail', 25, 1));
  lvs.up(id(1));
  lvs.up(id(1, 25));
  expect(lvs.living()).toEqual([2]);
});

test('who is forced down or drained does not count, who is forced up does, whatever the checks say', () => {
  const lvs = lvsWith(service('web', 80, 2));
  const order = { virtual: 'web', server: 's1' } as const;
  lvs.orderServer({ type: 'force', to: 'up', ...order });
  lvs.down(id(2));
  expect(lvs.living()).toEqual([1]);
  lvs.orderServer({ type: 'force', to: 'down', ...order });
  expect(lvs.living()).toEqual([1, 0]);
  lvs.orderServer({ type: 'force', to: 'auto', ...order });
  lvs.up(id(1));
  expect(lvs.living()).toEqual([1, 0, null, 1]);
  lvs.orderServer({ type: 'drain', timeoutMs: null, ...order });
  expect(lvs.living()).toEqual([1, 0, null, 1]);
  lvs.advance(2000);
  expect(lvs.living()).toEqual([1, 0, null, 1, 0]);
});

test('a server that a reload adds makes the count unknown until it is judged', () => {
  const lvs = fullLvs();
  lvs.configure(service('web', 80, 4));
  expect(lvs.living()).toEqual([3, null]);
  lvs.down(id(4));
  expect(lvs.living()).toEqual([3, null, 3]);
});

test('a cold standby knows nothing, a hot one does', () => {
  const cold = fullLvs();
  cold.order('standby');
  expect(cold.living()).toEqual([3, null]);
  const hot = lvsWith(`hot_standby = 1\n${file}`);
  hot.order('standby');
  [1, 2, 3].forEach((number) => {
    hot.up(id(number));
  });
  expect(hot.living()).toEqual([3]);
});

test('without any server nothing is known', () => {
  const lvs = lvsWith(service('web', 80, 0));
  lvs.advance(5000);
  expect(lvs.living()).toEqual([]);
});

test('a nanny that dies leaves the count as it is', () => {
  const lvs = fullLvs();
  lvs.nannyDies(lvs.nannyOf(id(1)));
  lvs.advance(5000);
  expect(lvs.living()).toEqual([3]);
});

test('the end of lvs is no word about its servers', () => {
  const lvs = fullLvs();
  lvs.send({ type: 'stop', at: lvs.now(), signal: 15 });
  expect(lvs.living()).toEqual([3]);
});
