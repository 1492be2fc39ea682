import { expect, test } from '@jest/globals';
import { instant } from '@piranha/domain';
import { activeRouter, router } from './fake-router.ts';

test('a timer that fires late proves nothing about the partner', () => {
  const node = router();
  node.start();
  node.hear({ active: true, term: 1 });
  node.sleep(60);
  expect(node.state().phase.type).toBe('inactive');
  node.pass(3.1);
  expect(node.state().phase.type).toBe('taking-over');
});

test('a machine that is late again and again takes silence for death when it was awake for deadtime', () => {
  const node = router();
  node.start();
  node.hear({ active: true, term: 1 });
  const begun = node.now();
  while (node.state().phase.type === 'inactive' && node.now() < begun + 60_000) {
    node.sleep(0.8);
    node.pass(0.5);
  }
  expect(node.now() - begun).toBeGreaterThan(3000);
  expect(node.now() - begun).toBeLessThan(10_000);
});

test('however many datagrams that do not count are read first after a sleep, silence is judged in time', () => {
  const node = router({ auth: 'require' });
  node.start();
  node.pass(1);
  const at = instant(node.now() + 2000);
  for (let count = 0; count < 20; count += 1) {
    node.give({ type: 'datagram', at, channel: 'public', datagram: { type: 'bare', word: 'stopped' } });
  }
  node.sleep(2);
  node.pass(3.1);
  expect(node.state().phase.type).toBe('taking-over');
});

test('what came during a sleep is read before silence is judged', () => {
  const node = router();
  node.start();
  node.hear({ active: true, term: 1 });
  node.pass(2.9);
  node.sleep(1.5);
  node.pass(0.2);
  node.hear({ active: true, term: 1 });
  node.pass(2.9);
  expect(node.state().phase.type).toBe('inactive');
});

test('what a heartbeat orders up has to be raised within half a keepalive', () => {
  const node = activeRouter();
  const { sendAt, settings } = node.state();
  node.pass(settings.keepalive / 1000);
  expect(node.take().filter(({ type }) => type === 'raise-addresses')).toMatchObject([
    { by: sendAt + settings.keepalive / 2 },
  ]);
});
