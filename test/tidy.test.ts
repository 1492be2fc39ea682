// Rules of the repository that no other tool checks.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const programs = ['pulse', 'lvs', 'nanny', 'send_arp', 'lvsctl'];

/** Who may import whom: downwards only, and no program another. */
const allowed: Record<string, readonly string[]> = {
  ...Object.fromEntries(
    programs.map((name) => [
      name,
      ['config', 'protocol', 'ipvs', 'preflight', 'control', 'runtime', 'logging', 'libc', 'domain'],
    ]),
  ),
  preflight: ['config', 'protocol', 'runtime', 'domain'],
  control: ['protocol', 'runtime', 'domain'],
  runtime: ['protocol', 'logging', 'libc', 'domain'],
  logging: ['libc', 'domain'],
  libc: ['domain'],
  ipvs: ['config', 'domain'],
  config: ['protocol', 'domain'],
  protocol: ['domain'],
  testing: ['logging', 'domain'],
  domain: [],
};

/** Where each outside library is at home. */
const homes: Record<string, RegExp> = {
  commander: /^(pulse|lvs|nanny|send_arp|lvsctl)\/src\/(main|hands\/options)\.ts$/,
  'dgram-as-promised': /^pulse\/src\/hands\/(open-sockets|heartbeat-socket)\.ts$/,
  winston: /^logging\//,
  'winston-transport': /^logging\//,
  koffi: /^libc\//,
  ini: /^config\/src\/value\.ts$/,
  valibot: /^protocol\//,
  re2js: /^protocol\/src\/expectation\.ts$/,
};

const sources = readdirSync('packages', { recursive: true, encoding: 'utf8' })
  .filter((path) => /^[^/]+\/src\/.*\.ts$/.test(path) && !path.endsWith('.d.ts'))
  .map((path) => ({ path, text: readFileSync(join('packages', path), 'utf8') }));

const product = sources.filter(({ path }) => !path.endsWith('.test.ts') && !path.includes('/src/testing/'));

const imports = (text: string): string[] =>
  [...text.matchAll(/^(?:import|export)\s(?:[^;']*\sfrom\s)?'([^']+)';|\bimport\('([^']+)'\)/gm)].map(
    (match) => match[1] ?? match[2] ?? '',
  );

const packageOf = (path: string): string => path.split('/')[0] ?? '';

const complaints = (complain: (path: string, name: string) => boolean): string[] =>
  product.flatMap(({ path, text }) =>
    imports(text)
      .filter((name) => complain(path, name))
      .map((name) => `${path} imports ${name}`),
  );

describe('imports', () => {
  test('there is something to check', () => {
    expect(product.length).toBeGreaterThan(50);
  });

  test('go downwards between packages', () => {
    const wrong = complaints((path, name) => {
      // What lvs would do is asked of its own rules.
      if (packageOf(path) === 'lvsctl' && name === '@piranha/lvs/dry-run') return false;
      const target = /^@piranha\/([^/]+)/.exec(name)?.[1];
      return target !== undefined && !(allowed[packageOf(path)] ?? []).includes(target);
    });
    expect(wrong).toEqual([]);
  });

  test('of the runtime come by subject: no door of it has more names than one can keep in mind', () => {
    const { exports: doors } = JSON.parse(readFileSync('packages/runtime/package.json', 'utf8')) as {
      readonly exports: Readonly<Record<string, { readonly '@piranha/source': string }>>;
    };
    const namesOf = (path: string): readonly string[] => {
      const text = readFileSync(join('packages/runtime/src', path), 'utf8');
      const own = [...text.matchAll(/^export (?:async )?(?:const|function|type) (\w+)/gm)].map(([, name = '']) => name);
      const named = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = '']) =>
        names.split(',').filter((name) => name.trim() !== ''),
      );
      const starred = [...text.matchAll(/^export \* from '(.*)'/gm)].flatMap(([, from = '']) => namesOf(from));
      return [...own, ...named, ...starred];
    };
    const counts = Object.values(doors).map((door) => namesOf(door['@piranha/source'].replace('./src/', '')).length);
    expect(Math.max(...counts)).toBeGreaterThan(20);
    expect(Math.max(...counts)).toBeLessThan(45);
  });

  test('of what is for tests come from tests alone', () => {
    expect(complaints((_, name) => name.includes('/testing/'))).toEqual([]);
  });

  test('go in no circle, those of types neither', () => {
    const importsOf = new Map(
      product.map(({ path, text }) => [
        path,
        imports(text).flatMap((name) => (name.startsWith('.') ? [join(dirname(path), name)] : [])),
      ]),
    );
    const seen = new Map<string, 'under way' | 'done'>();
    const circles: string[] = [];
    const visit = (path: string, way: readonly string[]): void => {
      if (seen.get(path) === 'under way') circles.push([...way.slice(way.indexOf(path)), path].join(' -> '));
      if (seen.has(path)) return;
      seen.set(path, 'under way');
      for (const next of importsOf.get(path) ?? []) visit(next, [...way, path]);
      seen.set(path, 'done');
    };
    for (const path of importsOf.keys()) visit(path, []);
    expect(circles).toEqual([]);
  });

  test('of the simulation take no more of the programs than their steps', () => {
    const wrong = readdirSync('test/simulation').flatMap((file) =>
      imports(readFileSync(join('test/simulation', file), 'utf8')).filter(
        (name) =>
          programs.some((program) => name.startsWith(`@piranha/${program}`)) &&
          !/^@piranha\/(pulse|lvs)\/step$/.test(name),
      ),
    );
    expect(wrong).toEqual([]);
  });

  test('of outside libraries stand where the library is at home', () => {
    const wrong = complaints((path, name) => {
      if (name.startsWith('.') || name.startsWith('node:') || name.startsWith('@piranha/')) return false;
      return homes[name]?.test(path) !== true;
    });
    expect(wrong).toEqual([]);
  });
});

describe('files', () => {
  test('open with a line on what they are for', () => {
    const silent = product.filter(({ path, text }) => !path.endsWith('/index.ts') && !text.startsWith('//'));
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  test('that start a program are short', () => {
    const long = product.filter(({ path, text }) => path.endsWith('/main.ts') && text.split('\n').length > 60);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  test('of every program are the same: main, run, state, step, perform; each with a manual page', () => {
    // send_arp and lvsctl decide nothing over time: they have no step.
    const expected = programs
      .filter((name) => name !== 'send_arp' && name !== 'lvsctl')
      .flatMap((name) => ['main', 'run', 'state', 'step', 'perform'].map((file) => `${name}/src/${file}.ts`));
    expect(expected.filter((path) => !product.some((source) => source.path === path))).toEqual([]);
    expect(programs.filter((name) => readdirSync(`packages/${name}/man`).length !== 1)).toEqual([]);
  });

  test('say no name of a package registry and carry no download address', () => {
    expect(readFileSync('package-lock.json', 'utf8')).not.toMatch(/"resolved": "http/);
  });
});
