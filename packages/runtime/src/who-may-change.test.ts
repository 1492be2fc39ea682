import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Looks } from './who-may-change.ts';
import { exposureOf, exposureOfPath, exposureOfProgram } from './who-may-change.ts';

type Entry = {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly link?: string;
  readonly listed?: boolean;
  readonly text?: string;
};

/** A file system of what is named, and of folders that are root's. */
function looks(entries: Readonly<Record<string, Entry>>): Looks {
  const all: Readonly<Record<string, Entry>> = {
    ...Object.fromEntries(['/', '/usr', '/usr/bin', '/usr/sbin', '/etc', '/srv'].map((folder) => [folder, {}])),
    ...entries,
  };
  const entry = (path: string): Promise<Entry> => {
    const found = all[path];
    return found === undefined
      ? Promise.reject(Object.assign(new Error(path), { code: 'ENOENT' }))
      : Promise.resolve(found);
  };
  return {
    look: async (path) => {
      const { mode = 0o755, uid = 0, gid = 0, link } = await entry(path);
      return { mode, uid, gid, isSymbolicLink: () => link !== undefined, isDirectory: () => true };
    },
    listed: (path) => all[path]?.listed ?? false,
    target: async (path) => (await entry(path)).link ?? '',
    head: async (path) => (await entry(path)).text ?? '\x7fELF',
  };
}

const exposed = async (path: string, entries: Readonly<Record<string, Entry>>): Promise<string | undefined> =>
  (await exposureOfPath(path, looks(entries)))?.problem;

test.each<[string, Entry, string | undefined]>([
  ['root alone', { mode: 0o755 }, undefined],
  ['another owner, whatever the mode', { mode: 0o500, uid: 5 }, '/f belongs to user 5'],
  ['everybody', { mode: 0o757 }, 'everybody may write /f (mode 0757)'],
  ['a sticky folder', { mode: 0o1777 }, 'everybody may write /f (mode 01777)'],
  ['a group', { mode: 0o775, gid: 50 }, 'group 50 may write /f (mode 0775)'],
  ["root's group", { mode: 0o775, gid: 0 }, undefined],
  ['a group that may only read', { mode: 0o750, gid: 50 }, undefined],
])('%s', (_, { mode = 0, uid = 0, gid = 0 }, problem) => {
  expect(exposureOf('/f', { mode, uid, gid })?.problem).toBe(problem);
});

test('the cure is one that helps: nobody is told to close /tmp', () => {
  expect(exposureOf('/opt/x', { mode: 0o777, uid: 0, gid: 0 })?.cure).toBe('chmod go-w /opt/x');
  expect(exposureOf('/tmp', { mode: 0o1777, uid: 0, gid: 0 })?.cure).toMatch(/^keep it below a folder/);
  expect(exposureOf('/opt/x', { mode: 0o755, uid: 7, gid: 0 })?.cure).toMatch(/^chown root \/opt\/x, or keep it/);
});

test('a file, and every folder above it, is looked at', async () => {
  expect(await exposed('/etc/f', { '/etc/f': {} })).toBeUndefined();
  expect(await exposed('/etc/f', { '/etc/f': { mode: 0o666 } })).toBe('everybody may write /etc/f (mode 0666)');
  expect(await exposed('/srv/bob/a/f', { '/srv/bob': { uid: 7 }, '/srv/bob/a': {}, '/srv/bob/a/f': {} })).toBe(
    '/srv/bob belongs to user 7',
  );
  const listed = { '/etc': { mode: 0o775, listed: true }, '/etc/f': {} };
  expect(await exposed('/etc/f', listed)).toBe('an access control list lets others write /etc');
  expect(await exposed('/etc/f', { '/etc': { listed: true }, '/etc/f': {} })).toBeUndefined();
  expect(await exposed('/etc/f', { '/': { mode: 0o777 }, '/etc/f': {} })).toBe('everybody may write / (mode 0777)');
});

test('links are followed, and each folder on their way counts', async () => {
  const files = { '/usr/bin/real': {}, '/etc/link': { link: '../usr/bin/./real', mode: 0o777, uid: 9 } };
  expect(await exposed('/etc/link', files)).toBeUndefined();
  const away = { '/srv/bob': { uid: 7 }, '/srv/bob/f': {}, '/etc/link': { link: '/srv/bob/f' } };
  expect(await exposed('/etc/link', away)).toBe('/srv/bob belongs to user 7');
  const through = { '/srv/bob': { mode: 0o777 }, '/srv/bob/to': { link: '/etc' }, '/etc/f': {} };
  expect(await exposed('/srv/bob/to/f', through)).toBe('everybody may write /srv/bob (mode 0777)');
  const folder = { '/etc/dir': { link: '/srv/open' }, '/srv/open': { mode: 0o1777 }, '/srv/open/f': {} };
  expect(await exposed('/etc/dir/f', folder)).toBe('everybody may write /srv/open (mode 01777)');
});

test('links in a circle, and what is not there, are for whoever opens it', async () => {
  expect(await exposed('/etc/a', { '/etc/a': { link: 'b' }, '/etc/b': { link: 'a' } })).toBeUndefined();
  expect(await exposed('/etc/none/f', {})).toBeUndefined();
});

test('whatever the way, one folder of a stranger on it is found', async () => {
  const names = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(names, fc.nat(), async (way, pick) => {
      const paths = way.map((_, index) => `/${way.slice(0, index + 1).join('/')}`);
      const whole = paths.at(-1) ?? '/';
      const bad = paths[pick % paths.length] ?? '/';
      const all = Object.fromEntries(paths.map((path) => [path, {}]));
      expect(await exposed(whole, all)).toBeUndefined();
      expect(await exposed(whole, { ...all, [bad]: { uid: 3 } })).toBe(`${bad} belongs to user 3`);
      const link = { '/etc/l': { link: whole } };
      expect(await exposed('/etc/l', { ...all, ...link, [bad]: { uid: 3 } })).toBe(`${bad} belongs to user 3`);
    }),
  );
});

test('a program by its name: an earlier folder of the search path counts, a later one does not', async () => {
  const local = { '/usr/local': {}, '/usr/local/sbin': {}, '/usr/local/bin': {} };
  const about = async (entries: Readonly<Record<string, Entry>>): Promise<string | undefined> =>
    (await exposureOfProgram('rup', looks({ ...local, '/usr/sbin/rup': {}, ...entries })))?.problem;
  expect(await about({})).toBeUndefined();
  expect(await about({ '/usr/sbin': { mode: 0o777 } })).toBe('everybody may write /usr/sbin (mode 0777)');
  expect(await about({ '/usr/local/bin': { mode: 0o777 } })).toBeUndefined();
  expect(await about({ '/usr/sbin/rup': { uid: 4 } })).toBe('/usr/sbin/rup belongs to user 4');
  expect((await exposureOfProgram('etc/x', looks({ '/etc/x': { uid: 4 } })))?.problem).toMatch(/^\/etc\/x belongs/);
});

test.each<[string, string | undefined]>([
  ['#!/bin/sh\nrest', undefined],
  ['#!/srv/bob/sh -e\n', '/srv/bob belongs to user 7'],
  ['#! /srv/bob/sh', '/srv/bob belongs to user 7'],
  ['#!/usr/bin/env -S FOO=1 python3 -u\n', undefined],
  ['#!/usr/bin/env -S FOO=1 local -u\n', 'everybody may write /usr/local/bin (mode 0777)'],
  ['#!/usr/bin/env -S/srv/bob/sh', '/srv/bob belongs to user 7'],
  ['#!/usr/bin/env -S "/srv/bob/sh"', '/srv/bob belongs to user 7'],
  ['#!/usr/bin/env -S -u X /srv/bob/sh', '/srv/bob belongs to user 7'],
  ['#!/usr/bin/env -S -C / srv/bob/sh', '/srv/bob belongs to user 7'],
  ['#!/bin/sh /srv/bob/sh', '/srv/bob belongs to user 7'],
  ['#!/etc/other', '/srv/bob belongs to user 7'],
  ['#!/etc/script', undefined],
  ['#!/usr/bin/env\n', undefined],
  ['#!\n', undefined],
  ['# !/srv/bob/sh\n', undefined],
])('a script by %j is as safe as what runs it', async (text, problem) => {
  const files = {
    ...{
      '/etc/script': { text },
      '/etc/other': { text: '#!/srv/bob/sh\n' },
      '/usr/local/bin/local': {},
      '/bin': {},
      '/bin/sh': {},
      '/usr/bin/env': {},
      '/usr/bin/python3': {},
    },
    ...{ '/srv/bob': { uid: 7 }, '/srv/bob/sh': {}, '/usr/local': {}, '/usr/local/sbin': {} },
    '/usr/local/bin': { mode: 0o777 },
  };
  expect((await exposureOfProgram('/etc/script', looks(files)))?.problem).toBe(problem);
});
