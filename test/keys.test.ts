// Every key of lvs.cf has a consequence that is seen here, or is said to have none.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Scope } from '@piranha/config';
import { keysOf } from '@piranha/config';
import { load, server, virtual } from './keys/file.ts';
import type { Elsewhere, Row } from './keys/rows.ts';
import { rows } from './keys/rows.ts';

/** Written by the web interface into every file; a warning would only be noise. */
const silent = ['serial_no', 'hard_shutdown'];

/** A file in which a key has a value that is not its default, where that is all it takes. */
const valueOf: Readonly<Record<string, string>> = {
  reservation_conflict_action: 'preempt',
  heartbeat_auth: 'off',
  failback: 'auto',
  dirs: '[ /a ]',
  heartbeat: '0',
  master: '10.0.0.9',
  ...Object.fromEntries(['heartbeat_key_file', 'client_monitor'].map((key) => [key, '/opt/x'])),
  ...Object.fromEntries(['notify_cmd', 'start_cmd', 'stop_cmd', 'debug_level'].map((key) => [key, 'x'])),
};

function warningsOf(scope: Scope, key: string): readonly string[] {
  const line = `${key} = ${valueOf[key] ?? '1'}`;
  const { warnings } = load(scope === 'global' ? `${line}\n` : virtual(scope === 'server' ? server(line) : line));
  return warnings.filter(({ message }) => message.startsWith(`${key} `)).map(({ code }) => code);
}

/** Sections of the manual page where such keys are. */
const page = readFileSync('packages/config/man/lvs.cf.5', 'utf8');
const without = page.split(/^\.S[HS] /m).filter((text) => text.startsWith('Without effect\n'));
const pending = page.split(/^\.S[HS] /m).filter((text) => text.startsWith('KEYS NOT IN EFFECT YET\n'));
const names = (sections: readonly string[], key: string): boolean =>
  sections.some((text) => new RegExp(`^\\.BR? ${key}\\b`, 'm').test(text));

const isRow = (row: Row | Elsewhere): row is Row => 'consequence' in row;

const scopes = Object.keys(keysOf) as Scope[];
const every = scopes.flatMap((scope) =>
  Object.keys(keysOf[scope]).map((key) => ({ scope, key, row: rows[scope][key] })),
);
const seenHere = every.flatMap(({ scope, key, row }) => (row !== undefined && isRow(row) ? [{ scope, key, row }] : []));
const elsewhere = every.flatMap(({ key, row }) => (row === undefined || isRow(row) ? [] : [{ key, row }]));
const idle = every.filter(({ row }) => row === undefined);

describe('a key of lvs.cf', () => {
  test.each(seenHere)('$scope $key has its consequence', ({ row }) => {
    expect(row.consequence(load(row.given))).toEqual(row.seen);
    expect(row.consequence(load(row.without))).not.toEqual(row.seen);
  });

  test.each(elsewhere)('$key has a consequence that another test sees', ({ row }) => {
    expect(readFileSync(row.file, 'utf8')).toContain(`test('${row.test}'`);
  });

  test.each(idle)('$scope $key, of which no test sees a consequence, is said to have none', ({ scope, key }) => {
    const codes = silent.includes(key) ? ['no-effect'] : warningsOf(scope, key);
    expect(codes).toHaveLength(1);
    const sections = codes[0] === 'not-in-effect' ? pending : without;
    expect({ key, named: names(sections, key) }).toEqual({ key, named: true });
  });

  test('that is listed here exists', () => {
    const listed = scopes.flatMap((scope) => Object.keys(rows[scope]).map((key) => `${scope} ${key}`));
    expect(listed.filter((name) => !every.some(({ scope, key }) => name === `${scope} ${key}`))).toEqual([]);
  });
});
