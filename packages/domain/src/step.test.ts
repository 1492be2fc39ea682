import { expect, test } from '@jest/globals';
import { chain } from './step.ts';

test('rules that follow each other see what the one before left, and their actions keep that order', () => {
  const add = (name: string) => (state: string) => ({ state: state + name, actions: [`${name} after ${state}`] });
  expect(chain('x', add('a'), add('b'))).toEqual({ state: 'xab', actions: ['a after x', 'b after xa'] });
  expect(chain('x')).toEqual({ state: 'x', actions: [] });
});
