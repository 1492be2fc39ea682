import { describe, expect, test } from '@jest/globals';
import type { LoadedConfiguration } from '@piranha/config';
import { configurationFromText, formatDiagnostic } from '@piranha/config';
import type { IpAddress, Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import type { Interface } from '@piranha/protocol';
import type { Machine, Occasion } from './machine.ts';
import { judgeMachine } from './judgement.ts';
import { roleAmong } from './subjects.ts';

function load(text: string): LoadedConfiguration {
  const loaded = configurationFromText('f', text, {});
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value;
}

const pair = 'primary = 10.1.0.2\nbackup = 10.1.0.3\nbackup_active = 1\nheartbeat_key_file = /k\n';
const web = (active = 1): string => `virtual web {
active = ${active}
address = 10.1.0.100 eth9:1
send_program = "/x/check %h"
}
`;
const file = load(pair + web());

const on = (address: string): readonly Interface[] => [
  {
    ...{ name: 'eth0', up: true, running: true, mac: undefined },
    addresses: [{ address: address as IpAddress, prefix: 24, expires: false }],
  },
];

const unexposed = {
  ...{ exposed: new Map(), ownExposed: new Map(), file: undefined, installed: false },
  ...{ checkUser: { type: 'root' } as const, barred: new Set<string>() },
};

/** A machine that lacks all that the file needs. */
const bare = (address: string, { configuration }: LoadedConfiguration = file): Machine => ({
  interfaces: on(address),
  role: roleAmong(configuration, on(address)),
  programs: new Map([
    ['/sbin/ipvsadm', 'missing'],
    ['/x/check', 'not-executable'],
  ]),
  ...unexposed,
  keys: new Map([['/k', failure('/k: mode 0644 lets others at it: chmod 600')]]),
});

const said = (occasion: Occasion, address = '10.1.0.2', loaded = file): readonly string[] =>
  judgeMachine(loaded, bare(address, loaded), occasion).map((each) => formatDiagnostic('f', each));
const severities = (occasion: Occasion, address?: string, loaded?: LoadedConfiguration): readonly string[] =>
  said(occasion, address, loaded).map((line) => line.replace(/^f[:\d]*: (\w+): (.*? is not \w+|\w+).*/, '$1 $2'));

const check = { type: 'check', strict: false } as const;
const key = 'heartbeat_key_file';
const ipvsadm = 'ipvsadm: "/sbin/ipvsadm" is not there';
const device = 'address: the interface "eth9" is not there';
const program = 'send_program: "/x/check" is not executable';

test('a check on a machine of the pair: each is an error with its place and what to do', () => {
  expect(said(check)).toEqual([
    'f:4:22: error: heartbeat_key_file /k: mode 0644 lets others at it: chmod 600',
    'f: error: ipvsadm: "/sbin/ipvsadm" is not there (nothing can be written to the IPVS table: install the package ipvsadm, or let the key name its path)',
    'f:7:11: error: address: the interface "eth9" is not there (`ip link` lists those that are)',
    'f:8:16: error: send_program: "/x/check" is not executable (chmod +x /x/check)',
  ]);
});

test.each<[string, Occasion, string, readonly string[]]>([
  ['check elsewhere', check, '192.0.2.1', ['warning', 'warning', 'warning', 'warning', 'warning']],
  ['check --system', { ...check, strict: true }, '192.0.2.1', ['error', 'error', 'error', 'error', 'error']],
  ['start', { type: 'start' }, '10.1.0.2', ['error', 'error', 'warning', 'error']],
  ['restart while somebody serves', { type: 'restart' }, '10.1.0.3', ['error', 'warning', 'warning', 'warning']],
  ['reload', { type: 'reload', before: [] }, '10.1.0.2', ['error', 'error', 'error', 'error']],
])('%s', (_, occasion, address, expected) => {
  const found = severities(occasion, address);
  expect(found.map((each) => each.split(' ')[0])).toEqual(expected);
  const missing = [key, ipvsadm, device, program];
  expect(found.slice(-4).map((each) => each.replace(/^\w+ /, ''))).toEqual(missing);
});

describe('an interface that the file in force needs, too', () => {
  test('is no reason to refuse a reload, or a plan of one', () => {
    expect(severities({ type: 'reload', before: file.needs })).toContain(`warning ${device}`);
    expect(severities({ ...check, before: file.needs })).toContain(`warning ${device}`);
    const other = load(pair + web().replace('eth9', 'eth8')).needs;
    expect(severities({ type: 'reload', before: other })).toContain(`error ${device}`);
  });

  test('counts only where its block was active', () => {
    expect(severities({ type: 'reload', before: load(pair + web(0)).needs })).toContain(`error ${device}`);
  });
});

test('in a block that is not active everything is a warning', () => {
  const idle = load(`ipvsadm = /x/check\n${pair}backup = 10.1.0.3\nheartbeat_auth = off\n${web(0)}`);
  expect(severities({ type: 'reload', before: [] }, '10.1.0.2', idle).slice(1)).toEqual([
    `warning ${device}`,
    `warning ${program}`,
  ]);
});

test('what several blocks lack is told once', () => {
  const two = load(pair + web() + web().replace('10.1.0.100', '10.1.0.101'));
  expect(said(check, '10.1.0.2', two)).toHaveLength(4);
  expect(said(check, '10.1.0.2', two)).toContainEqual(expect.stringContaining('is not there, and 1 more need it'));
});

test('nothing is missing, or nothing is known: nothing is said', () => {
  const fine: Machine = {
    interfaces: [...on('10.1.0.2'), { name: 'eth9', up: false, running: false, mac: undefined, addresses: [] }],
    role: 'primary',
    programs: new Map([['/x/check', 'ready']]),
    ...unexposed,
    keys: new Map([['/k', success(new Uint8Array(32))]]),
  };
  expect(judgeMachine(file, fine, check)).toEqual([]);
  const unknown = { interfaces: undefined, role: undefined, programs: new Map(), ...unexposed, keys: new Map() };
  expect(judgeMachine(file, unknown, { type: 'start' })).toEqual([]);
});

describe('what others than root may change', () => {
  const exposure = { problem: 'everybody may write /x (mode 0777)', cure: 'chmod go-w /x' };
  const insecure = (loaded: LoadedConfiguration, occasion: Occasion): readonly string[] =>
    judgeMachine(
      loaded,
      {
        ...unexposed,
        ...{ interfaces: [...on('10.1.0.2'), ...on('eth9').map((each) => ({ ...each, name: 'eth9' }))] },
        ...{
          role: 'primary',
          programs: new Map(),
          keys: new Map([['/k', success(new Uint8Array(32))]]),
          file: exposure,
        },
        ...{ exposed: new Map([['/x/check', exposure]]), ownExposed: new Map([['--lvsd', exposure]]) },
      },
      occasion,
    ).map((each) => formatDiagnostic('f', each));

  test('is named with its path and the cure, and which key allows it', () => {
    expect(insecure(file, { type: 'start' })).toEqual([
      'f: error: others than root may change this file, and what pulse runs as root with it: everybody may write /x (mode 0777) (chmod go-w /x)',
      'f: error: --lvsd: others than root may change what is run here: everybody may write /x (mode 0777) (chmod go-w /x; insecure_programs = 1 runs it all the same)',
      'f:8:16: error: send_program: others than root may change what is run here: everybody may write /x (mode 0777) (chmod go-w /x; insecure_programs = 1 runs it all the same)',
    ]);
  });

  test('is a key, too, and a bad key is named for what is wrong with it first', () => {
    const machine = { ...unexposed, exposed: new Map([['/k', exposure]]), interfaces: undefined, role: undefined };
    const judged = (key: Outcome<Uint8Array, string>) =>
      judgeMachine(file, { ...machine, programs: new Map(), keys: new Map([['/k', key]]) }, { type: 'start' }).map(
        ({ code, severity }) => `${severity} ${code}`,
      );
    expect(judged(success(new Uint8Array(32)))).toEqual(['error insecure-key']);
    expect(judged(failure('is short'))).toEqual(['error key-file']);
  });

  const allowing = load(`insecure_programs = 1\n${pair}${web()}`);
  const idle = load(`${pair}${web(0)}`);

  // The file, an option of the command line, a program of the file; the same with the key that allows the last two.
  test.each<[string, Occasion, string, string]>([
    ['check', check, 'warning error error', 'warning warning warning'],
    ['check --system', { ...check, strict: true }, 'error error error', 'error warning warning'],
    ['plan of a reload', { ...check, before: [] }, 'warning error error', 'warning warning warning'],
    ['start', { type: 'start' }, 'error error error', 'error warning warning'],
    ['reload', { type: 'reload', before: [] }, 'error error error', 'error warning warning'],
    ['restart while somebody serves', { type: 'restart' }, 'error warning warning', 'error warning warning'],
    ['names of the text in force', { type: 'names' }, 'warning warning', 'warning warning'],
  ])('%s', (_, occasion, refused, allowed) => {
    const severitiesOf = (loaded: LoadedConfiguration): string =>
      insecure(loaded, occasion)
        .map((line) => / (error|warning): /.exec(line)?.[1])
        .join(' ');
    expect(severitiesOf(file)).toBe(refused);
    expect(severitiesOf(allowing)).toBe(allowed);
    expect(severitiesOf(idle).endsWith('warning')).toBe(true);
  });
});

describe('the role', () => {
  const known = 'primary = 10.1.0.2, backup = 10.1.0.3';

  test.each([
    ['10.1.0.2', 'primary'],
    ['10.1.0.3', 'backup'],
    ['10.1.0.4', undefined],
  ])('a machine with %s is the %s', (address, role) => {
    expect(roleAmong(file.configuration, on(address))).toBe(role);
  });

  test('a tentative address makes no router yet', () => {
    const tentative = on('10.1.0.2').map((device) => ({
      ...device,
      addresses: device.addresses.map((entry) => ({ ...entry, tentative: true as const })),
    }));
    expect(roleAmong(file.configuration, tentative)).toBeUndefined();
  });

  test('neither is a mistake where pulse starts or reloads, and not where a file is only checked', () => {
    const missing = `this machine has neither of the routers' addresses (${known})`;
    expect(said(check, '10.1.0.4')[0]).toContain(`f:1:11: warning: ${missing}`);
    for (const type of ['start', 'restart'] as const) {
      expect(said({ type }, '10.1.0.4')[0]).toContain(`f:1:11: error: ${missing}`);
    }
    expect(said({ type: 'reload', before: [] }, '10.1.0.4')[0]).toContain(`f:1:11: error: ${missing}`);
  });

  test('a file without a router is for no machine', () => {
    expect(said(check, '10.1.0.4', load(web()))[0]).toMatch(/^f: error: .*primary = not given, backup = not given/);
  });

  test('a backup that is not wanted has nothing to do', () => {
    const unwanted = load(pair.replace('backup_active = 1', 'backup_active = 0') + web());
    expect(said(check, '10.1.0.3', unwanted)[0]).toMatch(/^f:1:11: error: this machine is the backup, and backup_act/);
    expect(said(check, '10.1.0.2', unwanted)[0]).not.toContain('backup');
  });
});
