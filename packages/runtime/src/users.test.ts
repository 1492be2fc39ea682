import { expect, test } from '@jest/globals';
import { failure, success } from '@piranha/domain';
import type { UserSources } from './users.ts';
import { findCheckUser, findUser, userIn } from './users.ts';

const passwd = 'root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\n';

const sources = (file: string, elsewhere: UserSources['elsewhere'] = () => Promise.resolve(success(undefined))) => ({
  file: () => Promise.resolve(file),
  elsewhere,
});
const refused = { ...sources(''), file: () => Promise.reject(new Error('EMFILE')) };

test('a user is found by the whole of its name', () => {
  expect(userIn(passwd, 'nobody')).toEqual({ uid: 65534, gid: 65533 });
  for (const name of ['nobod', 'NOBODY', '', 'x', '65534']) expect(userIn(passwd, name)).toBeUndefined();
  for (const line of ['a:x:', 'a:x:-1:5:::', 'a:x:1e3:5:::', 'a:x::5:::', 'a'])
    expect(userIn(line, 'a')).toBeUndefined();
});

test('a directory service is asked for a user that the file does not have', async () => {
  const asked: string[] = [];
  const service = (name: string) => {
    asked.push(name);
    return Promise.resolve(success(`${name}:*:1000:1001:::`));
  };
  expect(await findUser('nobody', sources(passwd, service))).toEqual(success({ uid: 65534, gid: 65533 }));
  expect(await findUser('remote', sources(passwd, service))).toEqual(success({ uid: 1000, gid: 1001 }));
  expect(asked).toEqual(['remote']);
});

test('checks run as the user that is named, as piranha, or as root', async () => {
  expect(await findCheckUser('nobody', sources(passwd))).toEqual({
    type: 'user',
    name: 'nobody',
    uid: 65534,
    gid: 65533,
  });
  expect(await findCheckUser(undefined, sources(`${passwd}piranha:x:101:102:::\n`))).toEqual({
    ...{ type: 'user', name: 'piranha', uid: 101, gid: 102 },
  });
  expect(await findCheckUser(undefined, sources(passwd))).toEqual({ type: 'absent' });
  expect(await findCheckUser('root', sources(passwd))).toEqual({ type: 'root' });
  expect(await findCheckUser('toor', sources(passwd))).toEqual({ type: 'root' });
});

test('whoever cannot be found does not become root', async () => {
  const silent = sources(passwd, () => Promise.resolve(failure('getent: did not end within 2000 ms')));
  expect(await findCheckUser('gone', sources(passwd))).toMatchObject({
    type: 'lost',
    problem: 'there is no such user',
  });
  expect(await findCheckUser('gone', silent)).toMatchObject({
    type: 'lost',
    problem: expect.stringMatching(/did not end/),
  });
  expect(await findCheckUser(undefined, refused)).toEqual({ type: 'lost', name: 'piranha', problem: 'Error: EMFILE' });
});

test('the usual user is not looked for in a directory', async () => {
  const never = sources(passwd, () => Promise.reject(new Error('asked')));
  expect(await findCheckUser(undefined, never)).toEqual({ type: 'absent' });
});

test('this machine has root', async () => {
  expect(await findUser('root')).toEqual(success({ uid: 0, gid: 0 }));
  expect(await findUser('no-such-user-here')).toEqual(success(undefined));
});
