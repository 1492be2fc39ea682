// The guide for developers names files and functions: they exist.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const guide = readFileSync('docs/developing.md', 'utf8');

const quotedIn = (text: string): readonly string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);

/** Rows of the walks: a file and what of it is meant. */
const steps = guide.split('\n').flatMap((line) => {
  const [, file = '', names = ''] = /^\| (`[^|]*\.ts`) \| (`[^|]*`) \|/.exec(line) ?? [];
  const [path] = quotedIn(file);
  return path === undefined ? [] : quotedIn(names).map((name) => [path, name] as const);
});

test('there are three walks', () => {
  expect(steps.length).toBeGreaterThan(30);
});

test.each(steps)('%s has %s', (path, name) => {
  expect(readFileSync(join('packages', path), 'utf8')).toMatch(new RegExp(`(?:function|const) ${name}\\b`));
});

test('every file and folder that is named is there', () => {
  const paths = quotedIn(guide).filter((word) => /^[a-z_/-]+\/(?:[a-z-]+(?:\.test)?\.ts|[a-z-]+)$/.test(word));
  const missing = paths.filter((path) => !existsSync(path) && !existsSync(join('packages', path)));
  expect(paths.length).toBeGreaterThan(40);
  expect(missing).toEqual([]);
});
