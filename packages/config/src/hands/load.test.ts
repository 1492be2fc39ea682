import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IpAddress } from '@piranha/domain';
import { parseIpAddress } from '@piranha/domain';
import { formatDiagnostic } from '../diagnostic.ts';
import type { Lookup } from './look-up.ts';
import type { LoadedConfiguration } from './load.ts';
import { configurationFromText, loadConfiguration, lookAgain, readServices } from './load.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lvs.cf-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const lookup: Lookup = (name) => Promise.resolve(name === 'lb1' ? parseIpAddress('10.0.0.1') : undefined);

/** Without any service a file is refused. */
const web =
  'virtual web {\nactive = 1\naddress = 10.0.0.7 eth0:1\nserver one {\nactive = 1\naddress = 10.0.0.8\n}\n}\n';

async function load(bytes: string | Uint8Array): Promise<LoadedConfiguration | readonly string[]> {
  const path = join(folder, 'lvs.cf');
  await writeFile(path, bytes);
  const loaded = await loadConfiguration(path, { lookup, services: 'web 8080/tcp\n' });
  return loaded.ok ? loaded.value : loaded.error.map((one) => formatDiagnostic('f', one));
}

test('a file is loaded with the names that were found for it', async () => {
  expect(await load(`primary = lb1\nheartbeat = 0\nheartbeat_port = web\n${web}`)).toMatchObject({
    path: join(folder, 'lvs.cf'),
    text: `primary = lb1\nheartbeat = 0\nheartbeat_port = web\n${web}`,
    names: { lb1: '10.0.0.1' },
    configuration: { primary: '10.0.0.1', heartbeatPort: 8080 },
    warnings: [{ line: 2, code: 'no-effect' }],
  });
});

test('the same text and names give the same configuration elsewhere', async () => {
  const loaded = await load(`primary = lb1\nkeepalive = 1\n${web}`);
  if (!('text' in loaded)) throw new Error('refused');
  expect(configurationFromText(loaded.path, loaded.text, loaded.names)).toEqual({ ok: true, value: loaded });
});

test('a digest does not depend on what names resolve to', () => {
  const digest = (address: IpAddress | undefined): string => {
    const made = configurationFromText('f', 'primary = lb1\n', address === undefined ? {} : { lb1: address });
    return made.ok ? made.value.digest : 'refused';
  };
  expect(digest(parseIpAddress('10.0.0.1'))).toMatch(/^[0-9a-f]{16}$/);
  expect(digest(parseIpAddress('10.0.0.2'))).toBe(digest(parseIpAddress('10.0.0.1')));
});

test('all errors of a file are given, with their places', async () => {
  expect(await load('max_nannies = a\nprimary = lb1\nfoo = 1\n')).toEqual([
    'f:1:15: error: max_nannies: "a" is not a whole number',
    'f:3:1: error: unknown key "foo"',
  ]);
});

test('a name without an address refuses the file', async () => {
  expect(await load('primary = lb2\n')).toEqual([
    'f:1:11: error: no address was found for the host name "lb2" (it has none)',
  ]);
});

const withNames = `primary = lb1
virtual web {
  active = 1
  address = 10.0.0.100 eth0:1
  sorry_server = sorry
  server a {
    active = 1
    address = 10.2.0.11
  }
  server b {
    active = 1
    address = later
  }
}
virtual mail {
  active = 1
  address = mail eth0:2
  port = 25
  expect = "220"
  server c {
    active = 1
    address = 10.2.0.13
  }
}
`;

/** The system's resolver where only some names have an address. */
const knowing =
  (...known: readonly string[]): Lookup =>
  (name) =>
    Promise.resolve(name === 'lb1' || known.includes(name) ? parseIpAddress(`10.0.0.${name.length}`) : undefined);

async function loadTolerantly(text: string, lookUp: Lookup) {
  const path = join(folder, 'lvs.cf');
  await writeFile(path, text);
  return loadConfiguration(path, { lookup: lookUp, lostNames: 'leave-out' });
}

describe('names without an address, where a file is used all the same', () => {
  test('leave out just what needs them, and are told at each place', async () => {
    const loaded = await loadTolerantly(withNames, knowing());
    if (!loaded.ok) throw new Error('refused');
    const { configuration, warnings, lost, names } = loaded.value;
    expect(names).toEqual({ lb1: '10.0.0.3', sorry: null, later: null, mail: null });
    expect(configuration.virtualServers).toMatchObject([
      { name: 'web', active: true, sorryServer: undefined, servers: [{ active: true }, { active: false }] },
      { name: 'mail', active: false },
    ]);
    expect(warnings.map((one) => formatDiagnostic('f', one))).toEqual([
      'f:5:18: warning: no address was found for the host name "sorry": what needs it is left out until there is one (it has none)',
      'f:12:15: warning: no address was found for the host name "later": what needs it is left out until there is one (it has none)',
      'f:17:13: warning: no address was found for the host name "mail": what needs it is left out until there is one (it has none)',
    ]);
    expect(lost.map(({ name }) => name)).toEqual(['sorry', 'later', 'mail']);
  });

  test('refuse it where they are the routers', async () => {
    const loaded = await loadTolerantly(withNames.replace('lb1', 'lb2'), knowing());
    expect(loaded).toMatchObject({ ok: false, error: [{ code: 'unknown-host', line: 1 }] });
  });

  test('do not change the digest: both routers run the same file', async () => {
    const digests = await Promise.all(
      [knowing(), knowing('sorry', 'later', 'mail')].map(async (lookUp) => {
        const loaded = await loadTolerantly(withNames, lookUp);
        return loaded.ok ? loaded.value.digest : 'refused';
      }),
    );
    expect(digests[0]).toBe(digests[1]);
  });

  test('give the same configuration on the other end of a pipe', async () => {
    const loaded = await loadTolerantly(withNames, knowing('sorry'));
    if (!loaded.ok) throw new Error('refused');
    const { path, text, names, configuration } = loaded.value;
    expect(configurationFromText(path, text, names)).toMatchObject({ ok: true, value: { configuration } });
  });

  test('come in when they have one, from the text in force', async () => {
    const loaded = await loadTolerantly(withNames, knowing());
    if (!loaded.ok) throw new Error('refused');
    await expect(lookAgain(loaded.value, { lookup: knowing() })).resolves.toBeUndefined();
    await writeFile(join(folder, 'lvs.cf'), 'edited meanwhile');
    const again = await lookAgain(loaded.value, { lookup: knowing('later') });
    expect(again).toMatchObject({
      ok: true,
      value: {
        configuration: { virtualServers: [{ servers: [{ active: true }, { address: '10.0.0.5', active: true }] }, {}] },
        lost: [{ name: 'sorry' }, { name: 'mail' }],
      },
    });
  });
});

test('without a partner the names of the pair are not needed, and with one they are', async () => {
  const pair = 'primary = lb1\nbackup = lb2\nprimary_private = p1\nbackup_private = p2\n';
  const alone = await load(`${pair}backup_active = 0\n${web}`);
  expect(alone).toMatchObject({ configuration: { primary: '10.0.0.1', backup: undefined, backupActive: false } });
  expect('lost' in alone && alone.lost.map(({ name, idle }) => ({ name, idle }))).toEqual(
    ['lb2', 'p1', 'p2'].map((name) => ({ name, idle: true })),
  );
  expect(await load(`${pair}backup_active = 1\n${web}`)).toHaveLength(3);
});

test('two names of one address make one service twice, which only shows when they are looked up', async () => {
  const block = (name: string, host: string): string =>
    `virtual ${name} {\nactive = 1\naddress = ${host} eth0:1\nserver s {\nactive = 1\naddress = 10.2.0.1\n}\n}\n`;
  expect(await load(block('a', 'lb1') + block('b', '10.0.0.1'))).toEqual([
    'f:11:11: error: the same address, port and protocol as virtual "a" in line 1',
  ]);
});

test('a warning about an address is given once', async () => {
  const block = (name: string, rest: string): string =>
    `virtual ${name} {\nactive = 1\naddress = 10.0.0.7 ${rest}\nserver s {\nactive = 1\naddress = 10.2.0.1\n}\n}\n`;
  const loaded = await load(block('a', 'eth0') + block('b', 'eth1\nport = 81'));
  expect('text' in loaded && loaded.warnings.map(({ code }) => code)).toEqual(['same-vip']);
});

test('bytes that are not UTF-8 are refused, except in comments', async () => {
  expect(await load(Buffer.from('# caf\xe9\nipvsadm = /caf\xe9\n', 'latin1'))).toEqual([
    'f:2:15: error: a NUL or a byte that is not UTF-8 text',
  ]);
  expect(await load(Buffer.from(`# caf\xe9\n${web}`, 'latin1'))).toHaveProperty('digest');
});

test('an empty file is an error without a line', async () => {
  expect(await load('')).toEqual(['f: error: Empty configuration']);
});

test('what cannot be read is an error without a line', async () => {
  const fail = async (path: string): Promise<unknown> => {
    const loaded = await loadConfiguration(path);
    return loaded.ok ? 'loaded' : loaded.error.map((one) => formatDiagnostic(path, one));
  };
  expect(await fail('/nowhere/lvs.cf')).toEqual(['/nowhere/lvs.cf: error: failed to open: no such file or directory']);
  expect(await fail('/')).toEqual(['/: error: failed to open: not a file']);
  expect(await fail('/dev/zero')).toEqual(['/dev/zero: error: failed to open: not a file']);
});

test('a file that would not fit on the pipe to lvs is refused', async () => {
  expect(await load('#'.repeat(4 * 1024 * 1024))).toEqual(['f: error: the file is larger than 4 MB']);
  expect(await load('#\u0001'.repeat(600_000))).toEqual(['f: error: the file is larger than 4 MB']);
});

test('names that were not sent along are named', () => {
  expect(configurationFromText('f', 'primary = lb1\n', {})).toMatchObject({
    ok: false,
    error: [{ code: 'unknown-host' }],
  });
});

test('a machine without a list of services has the usual ones', async () => {
  expect(await readServices('/nowhere')).toContain('https');
});
