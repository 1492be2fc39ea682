import { expect, test } from '@jest/globals';
import type { LoadedConfiguration } from '@piranha/config';
import { configurationFromText, formatDiagnostic } from '@piranha/config';
import type { Machine, Occasion } from './machine.ts';
import { judgeMachine } from './judgement.ts';

function load(more: string): LoadedConfiguration {
  const text = `primary = 10.1.0.2
active_cmd = "/x/hook"
${more}virtual web {
active = 1
address = 10.1.0.100 eth0:1
send_program = "/x/check %h"
load_monitor = "/x/load"
}
`;
  const loaded = configurationFromText('f', text, {});
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value;
}

const machine: Machine = {
  ...{ role: 'primary', interfaces: undefined, programs: new Map(), keys: new Map() },
  ...{ exposed: new Map(), ownExposed: new Map(), file: undefined, installed: false },
  ...{ checkUser: { type: 'absent' }, barred: new Set() },
};
const strict: Occasion = { type: 'check', strict: true };
const plain: Occasion = { type: 'check', strict: false };
const start: Occasion = { type: 'start' };
const restart: Occasion = { type: 'restart' };
const reload: Occasion = { type: 'reload', before: [] };
const names: Occasion = { type: 'names' };

const judged = (loaded: LoadedConfiguration, changes: Partial<Machine>, occasion: Occasion) =>
  judgeMachine(loaded, { ...machine, ...changes }, occasion).map((each) => formatDiagnostic('f', each));

test('root for want of the usual user is one warning, but where the file says root, or is for another machine', () => {
  const warning = [
    expect.stringMatching(/^f: warning: there is no user piranha: .* run as root \(`useradd .*check_user = root/),
  ];
  for (const occasion of [strict, plain, start, restart, reload])
    expect(judged(load(''), {}, occasion)).toEqual(warning);
  expect(judged(load(''), { role: undefined }, plain)).toEqual([]);
  expect(judged(load(''), {}, names)).toEqual([]);
  expect(judged(load('check_user = root\n'), { checkUser: { type: 'root' } }, start)).toEqual([]);
});

test.each([
  [start, 'error'],
  [reload, 'error'],
  [strict, 'error'],
  [restart, 'warning'],
] as const)('a user that cannot be had: %j is an %s', (occasion, severity) => {
  const checkUser = { type: 'lost', name: 'gone', problem: 'there is no such user' } as const;
  expect(judged(load('check_user = gone\n'), { checkUser }, occasion)).toEqual([
    `f:3:14: ${severity}: check_user: nothing can be run as "gone": there is no such user (\`useradd --system --user-group --no-create-home --shell /usr/sbin/nologin gone\` makes it, or name another user)`,
  ]);
});

test('on another machine that is only a warning', () => {
  const checkUser = { type: 'lost', name: 'gone', problem: 'there is no such user' } as const;
  const [line] = judged(load('check_user = gone\n'), { checkUser, role: undefined }, plain);
  expect(line).toMatch(/^f:3:14: warning: check_user/);
});

test('programs that the user of checks may not run are named; hooks run as root', () => {
  const checkUser = { type: 'user', name: 'piranha', uid: 101, gid: 101 } as const;
  const barred = new Set(['/x/check', '/x/load', '/x/hook']);
  expect(judged(load(''), { checkUser, barred }, start)).toEqual([
    expect.stringMatching(/^f:6:16: error: send_program: "\/x\/check" cannot be run by the user piranha/),
    expect.stringMatching(/^f:7:16: error: load_monitor: "\/x\/load" cannot be run by the user piranha/),
  ]);
  expect(judged(load(''), { checkUser, barred }, restart)[0]).toMatch(/ warning: send_program/);
  expect(judged(load(''), { checkUser }, start)).toEqual([]);
});
