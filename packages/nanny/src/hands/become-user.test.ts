import { describe, expect, test } from '@jest/globals';
import type { Identity } from './become-user.ts';
import { adoptEnvironment, becomeUser, readIds } from './become-user.ts';

const nobody = { uid: 65534, gid: 65533 };

type Kernel = {
  readonly refuses?: string;
  readonly comesBack?: 'setUser' | 'setGroup';
  readonly status?: Readonly<Record<string, string>>;
  readonly user?: number;
};

/** A process of root, or of `user`, and all that it has tried. */
function someone({ refuses, comesBack, status = {}, user = 0 }: Kernel = {}) {
  const tried: string[] = [];
  let [uid, gid] = [user, user === 0 ? 0 : nobody.gid];
  let groups = user === 0 ? '0 4' : '';
  const attempt = (what: string, id: number, call: 'setUser' | 'setGroup', change: () => void): void => {
    tried.push(`${what} ${id}`);
    if (refuses === what) throw new Error(`EPERM: ${what}`);
    if (uid !== 0 && call !== comesBack) throw new Error('EPERM');
    change();
  };
  const own: Identity = {
    user: () => uid,
    group: () => gid,
    setGroups: (ids) => {
      tried.push(`setgroups ${ids.join(' ')}`);
      if (refuses === 'setgroups') throw new Error('EPERM: setgroups');
      groups = '';
    },
    setGroup: (id) => {
      attempt('setgid', id, 'setGroup', () => (gid = id));
    },
    setUser: (id) => {
      attempt('setuid', id, 'setUser', () => (uid = id));
    },
    status: () => {
      const fields = {
        ...{ Uid: `${uid}\t${uid}\t${uid}\t${uid}`, Gid: `${gid}\t${gid}\t${gid}\t${gid}`, Groups: groups },
        ...Object.fromEntries(['CapInh', 'CapPrm', 'CapEff', 'CapAmb'].map((name) => [name, '0000000000000000'])),
        CapBnd: '000001ffffffffff',
        ...status,
      };
      return Object.entries(fields)
        .map(([name, value]) => `${name}:\t${value} \n`)
        .join('');
    },
  };
  return { own, tried };
}

describe('a nanny gives up root', () => {
  test('groups first, the user last, and it tries to come back', () => {
    const { own, tried } = someone();
    expect(becomeUser(nobody, own)).toEqual({ ok: true, value: undefined });
    expect(tried).toEqual(['setgroups ', 'setgid 65533', 'setuid 65534', 'setuid 0', 'setgid 0']);
  });

  test('where the launcher has done it, it looks all the same', () => {
    const { own, tried } = someone({ user: nobody.uid });
    expect(becomeUser(nobody, own).ok).toBe(true);
    expect(tried).toEqual(['setuid 0', 'setgid 0']);
  });

  test.each(['setgroups', 'setgid', 'setuid'])('%s is refused: it does not work', (refuses) => {
    expect(becomeUser(nobody, someone({ refuses }).own)).toEqual({ ok: false, error: `Error: EPERM: ${refuses}` });
  });

  test.each([
    ['it could become root again', { comesBack: 'setUser' }],
    ['it could become root again', { comesBack: 'setGroup' }],
    ['it has groups left', { status: { Groups: '65533 27' } }],
    ['it has privileges left (CapEff)', { status: { CapEff: '0000000000002000' } }],
    ['it has privileges left (CapAmb)', { status: { CapAmb: '0000000000000020' } }],
    ['the kernel says that it is somebody else', { status: { Uid: '65534 0 65534 65534' } }],
    ['the kernel says that it is somebody else', { status: { Gid: '65533 65533 0 65533' } }],
  ] as const)('%s: it does not work (%j)', (error, kernel) => {
    expect(becomeUser(nobody, someone(kernel).own)).toEqual({ ok: false, error });
  });

  test('another user than root becomes nobody else', () => {
    expect(becomeUser(nobody, someone({ user: 1000 }).own).ok).toBe(false);
  });
});

test('numbers of a user and a group', () => {
  expect(readIds('65534:65533')).toEqual(nobody);
  for (const text of ['', '1', '1:', ':1', '-1:1', 'nobody', '1:1 ', '1:1:1']) expect(readIds(text)).toBeUndefined();
});

test("programs see the user's own settings", () => {
  const env = { HOME: '/root', USER: 'root', LOGNAME: 'root', LANG: 'C' };
  adoptEnvironment(env, () => ({ username: 'piranha', homedir: '/nonexistent' }));
  expect(env).toEqual({ HOME: '/nonexistent', USER: 'piranha', LOGNAME: 'piranha', LANG: 'C' });
  adoptEnvironment(env, () => {
    throw new Error('ENOENT');
  });
  expect(env).toEqual({ HOME: '/', LANG: 'C' });
});
