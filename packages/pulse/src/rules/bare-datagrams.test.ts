import { describe, expect, test } from '@jest/globals';
import { channel, first, receiver, refused, second, state } from '../testing/fake-receiver.ts';

describe('O0, bare datagrams', () => {
  test.each(['off', 'accept'] as const)('%s: they count where no trailer was ever accepted', (auth) => {
    const { bare } = receiver(auth);
    expect(bare('stopped', 0)).toEqual(state('none'));
    expect(bare('running', 1)).toEqual(state('none'));
  });

  test("the words of the original's failover services only show that it lives", () => {
    const { bare } = receiver('off');
    expect((['stop-me', 'hold', 'held'] as const).map((word) => bare(word, 0))).toEqual([channel, channel, channel]);
  });

  test('they do not count until no trailer was accepted for deadtime', () => {
    const { say, bare, reception } = receiver('accept');
    say({ sequence: 1n, at: 0 });
    expect(bare('stopped', 0)).toEqual(refused('bare-beside-trailer'));
    say({ sequence: 2n, at: 2000 });
    expect(bare('running', 4999)).toEqual(refused('bare-beside-trailer'));
    expect(bare('running', 5000)).toEqual(state('none'));
    expect(say({ sequence: 3n, at: 5001 })).toEqual(state('known'));
    expect(bare('running', 8000)).toEqual(refused('bare-beside-trailer'));
    expect(reception().refused['bare-beside-trailer']).toBe(3);
  });

  test('a refused trailer does not keep them out', () => {
    const { say, bare } = receiver('off');
    say({ session: first, at: 0 });
    say({ session: second, at: 1 });
    expect(say({ session: first, sequence: 9n, at: 1900 })).toEqual(refused('retired-session'));
    expect(bare('stopped', 3001)).toEqual(state('none'));
  });

  test('require: they never count', () => {
    const { bare, reception } = receiver('require');
    expect(bare('stopped', 0)).toEqual(refused('bare-under-require'));
    expect(bare('hold', 1e9)).toEqual(refused('bare-under-require'));
    expect(reception().refused['bare-under-require']).toBe(2);
  });
});
