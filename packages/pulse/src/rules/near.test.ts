// From how near the partner's heartbeats come is learnt from it, and forgotten when it is silent.
import { expect, test } from '@jest/globals';
import { activeRouter } from '../testing/fake-router.ts';

test('a partner that said it is near has to be, until deadtime has passed without a word', () => {
  const node = activeRouter();
  const near = (): boolean => node.state().reception.near;
  node.hear({ active: false });
  expect(near()).toBe(false);
  node.hear({ active: false }, 'public', true);
  expect(near()).toBe(true);
  node.pass(2.9);
  expect(near()).toBe(true);
  node.pass(0.2);
  expect(near()).toBe(false);
});
