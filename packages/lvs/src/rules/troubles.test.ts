import { expect, test } from '@jest/globals';
import { fakeLvs, linesOf } from '../testing/fake-lvs.ts';
import { reportOf } from './report.ts';
import { initialState, step } from '../step.ts';

const file = `
virtual web {
  active = 1
  address = 10.0.0.100 eth0:1
  server one {
    active = 1
    address = 10.0.1.1
  }
  server two {
    active = 1
    address = 10.0.1.2
  }
}
`;
const one = 'tcp 10.0.0.100:80/10.0.1.1:80';
const two = 'tcp 10.0.0.100:80/10.0.1.2:80';
const tooMany = 'checks cannot be made: too many open files; no server is judged by that';

/** Both servers are up, each with a nanny of its own. */
function serving() {
  const lvs = fakeLvs();
  lvs.configure(file);
  lvs.order('active');
  lvs.up(one);
  lvs.up(two);
  const troubles = () => reportOf(lvs.state(), undefined, lvs.now()).troubles;
  const say = (server: string, problem: string | null): void => {
    lvs.send({ type: 'nanny-trouble', at: lvs.now(), nanny: lvs.nannyOf(server), problem });
  };
  const logged = () => lvs.logged().filter((line) => line.startsWith('checks can'));
  return { ...lvs, troubles, say, logged };
}

test('what keeps nannies from checking is logged once, stands in the report, and changes no server', () => {
  const lvs = serving();
  const table = lvs.state().health;
  lvs.say(one, 'too many open files');
  lvs.say(two, 'too many open files');
  expect(lvs.logged()).toEqual([tooMany]);
  expect(lvs.troubles()).toEqual([tooMany]);
  expect(lvs.state().health).toEqual(table);
});

test('it is over when all nannies say so', () => {
  const lvs = serving();
  lvs.say(one, 'too many open files');
  lvs.say(two, 'too many open files');
  lvs.say(one, null);
  expect(lvs.troubles()).toEqual([tooMany]);
  lvs.say(two, null);
  expect([lvs.logged(), lvs.troubles()]).toEqual([[tooMany, 'checks can be made again'], []]);
});

test('a nanny that was killed takes its trouble along; that it is gone is told until it runs again', () => {
  const lvs = serving();
  lvs.say(one, 'out of memory');
  lvs.nannyDies(lvs.nannyOf(one));
  expect(lvs.troubles()).toEqual(['1 of 2 nannies have ended and are started again; their servers stay as they are']);
  expect(lvs.state().health.get(one)).toBe('up');
  lvs.advance(1000);
  expect(lvs.troubles()).toEqual([]);
});

test('too low a limit of open files is told when a configuration needs more', () => {
  const lvs = serving();
  const { configuration, digest } = lvs.state();
  if (configuration === undefined) throw new Error('no configuration');
  const limited = { ...initialState, descriptorLimit: 32 };
  const { state, actions } = step(limited, { type: 'configured', at: lvs.now(), configuration, digest: digest ?? '' });
  const active = step(state, { type: 'started-by-hand', at: lvs.now() });
  expect(reportOf(active.state, undefined, lvs.now()).troubles).toEqual([
    expect.stringMatching(/^up to 70 open files may be needed and 32 are allowed/),
  ]);
  const warnings = linesOf([...actions, ...active.actions]).flatMap(({ level, text }) =>
    level === 'warning' ? [text] : [],
  );
  expect(warnings).toContainEqual(expect.stringMatching(/^up to \d+ open files/));
});
