import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { configurationFromText } from '@piranha/config';
import type { LoadedConfiguration } from '@piranha/config';
import type { ForeignAddress, IpAddress, MacAddress } from '@piranha/domain';
import { failure, instant, success } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import { systemClock } from '@piranha/runtime';
import { raisedFile } from '@piranha/runtime/addresses';
import { recordingLogger } from '@piranha/testing';
import { heartbeatSockets } from './hands/heartbeat-socket.ts';
import { makeLvsQuestions } from './hands/lvs-questions.ts';
import type { World } from './perform.ts';
import { makeHands } from './perform.ts';
import type { PulseAction, PulseEvent } from './events.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'piranha-hands-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A program that writes its arguments, one run a line, to `NAME.log`. */
function recorder(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\necho "$*" >>'${path}.log'\n`);
  chmodSync(path, 0o755);
  return path;
}

const runsOf = (name: string): readonly string[] =>
  readFileSync(join(folder, `${name}.log`), 'utf8')
    .trim()
    .split('\n');

function load(text: string): LoadedConfiguration {
  const loaded = configurationFromText('lvs.cf', text, {});
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value;
}

/** Hands that reach nothing but the programs that a file names. */
function worldOf(log: Logger, loaded: LoadedConfiguration): World {
  const unused = (): Promise<never> => Promise.reject(new Error('not asked for'));
  return {
    clock: { now: () => instant(0) },
    log,
    sockets: heartbeatSockets(log, systemClock),
    addresses: {
      interfaces: unused,
      look: unused,
      raise: unused,
      lower: () => Promise.resolve(failure('none')),
      close: unused,
    },
    questions: makeLvsQuestions(),
    announcer: {
      ...{ announce: () => undefined, probe: () => undefined, forget: () => undefined },
      close: () => Promise.resolve(),
    },
    loaded: () => loaded,
    interfaces: [],
    lvs: { file: '/nonexistent', args: [] },
    onLvsLog: () => undefined,
    dispatch: () => undefined,
    onExit: () => undefined,
  };
}

/** Performs actions with the hands that such a file gives; resolves when all of it has been done. */
const perform = (text: string, ...actions: readonly PulseAction[]): Promise<readonly string[]> =>
  performed(text, () => undefined, ...actions);

/** The same, and `dispatch` learns what came of it. */
async function performed(
  text: string,
  dispatch: (event: PulseEvent) => void,
  ...actions: readonly PulseAction[]
): Promise<readonly string[]> {
  const { log, lines } = recordingLogger();
  const loaded = load(text);
  await new Promise<void>((resolve) => {
    const hands = makeHands({ ...worldOf(log, loaded), dispatch, onExit: resolve });
    for (const action of actions) hands(action);
    hands({ type: 'exit' });
  });
  return lines.map(({ text }) => text);
}

/** An ipvsadm that lists these daemons. */
function ipvsadmWith(...listed: readonly string[]): string {
  const path = recorder('ipvsadm');
  writeFileSync(`${path}.daemons`, listed.map((line) => `${line}, maxlen=1472)\n`).join(''));
  writeFileSync(path, `${readFileSync(path, 'utf8')}[ "$1" = -L ] && cat '${path}.daemons'\nexit 0\n`);
  return path;
}

const synchronised = (ipvsadm: string): string =>
  `ipvsadm = ${ipvsadm}\nsyncdaemon = 1\nsyncd_iface = eth7\nsyncd_id = 9\n`;

test('both sync daemons are started with interface and id of the file', async () => {
  expect(await perform(synchronised(ipvsadmWith()), { type: 'sync-daemons', run: true })).toEqual([]);
  expect(runsOf('ipvsadm')).toEqual([
    '-L --daemon',
    '--start-daemon backup --mcast-interface eth7 --syncid 9',
    '--start-daemon master --mcast-interface eth7 --syncid 9',
  ]);
});

test('sync daemons that an earlier life has left are kept, and stopped at the end', async () => {
  const ipvsadm = ipvsadmWith('master sync daemon (mcast=eth7, syncid=9', 'backup sync daemon (mcast=eth7, syncid=9');
  await perform(synchronised(ipvsadm), { type: 'sync-daemons', run: true }, { type: 'sync-daemons', run: false });
  expect(runsOf('ipvsadm')).toEqual(['-L --daemon', '-L --daemon', '--stop-daemon backup', '--stop-daemon master']);
});

test('a sync daemon that does not start is told with its reason', async () => {
  const path = ipvsadmWith();
  writeFileSync(
    path,
    `${readFileSync(path, 'utf8').replace('exit 0', '')}[ "$1" = -L ] || { echo No such device >&2; exit 255; }\n`,
  );
  const events: PulseEvent[] = [];
  await performed(synchronised(path), (event) => events.push(event), { type: 'sync-daemons', run: true });
  expect(events).toEqual([
    { type: 'sync-daemons-set', at: instant(0), problem: expect.stringContaining('No such device') },
  ]);
});

test('without syncdaemon = 1 nothing of the kind is run, and daemons of somebody else stay', async () => {
  const text = `ipvsadm = ${ipvsadmWith('master sync daemon (mcast=eth7, syncid=9')}\nsyncd_iface = eth7\n`;
  await perform(text, { type: 'sync-daemons', run: true }, { type: 'sync-daemons', run: false });
  expect(() => runsOf('ipvsadm')).toThrow(/ENOENT/);
});

test('the commands of the file are run with their arguments, each at its own turn', async () => {
  const text = `active_cmd = "${recorder('up')} a  b"\ninactive_cmd = "${recorder('down')} c"\n`;
  await perform(text, { type: 'run-command', which: 'active' });
  expect(runsOf('up')).toEqual(['a b']);
  expect(() => runsOf('down')).toThrow(/ENOENT/);
  await perform(text, { type: 'run-command', which: 'inactive' });
  expect([runsOf('up'), runsOf('down')]).toEqual([['a b'], ['c']]);
});

test('a command that fails is logged and holds nothing up', async () => {
  const text = `active_cmd = /nonexistent/hook\ninactive_cmd = ${recorder('down')}\n`;
  const logged = await perform(
    text,
    { type: 'run-command', which: 'active' },
    { type: 'run-command', which: 'inactive' },
  );
  expect(logged).toEqual([expect.stringContaining('/nonexistent/hook')]);
  expect(runsOf('down')).toHaveLength(1);
});

/** Hands whose `ip` finds these foreign addresses, one list after the other, and what came of raising and lowering. */
async function withForeign(displaced: readonly string[], ...found: readonly (readonly ForeignAddress[])[]) {
  const events: PulseEvent[] = [];
  const world = worldOf(recordingLogger().log, load('primary = 10.1.0.2\n'));
  let looks = 0;
  const next = () => ({ interfaces: [], foreign: found[looks++] ?? [] });
  const hands = makeHands({
    ...world,
    addresses: {
      ...world.addresses,
      raise: () => Promise.resolve(success({ ...next(), added: [], displaced })),
      lower: () => Promise.resolve(success({ ...next(), ours: [] })),
    },
    dispatch: (event) => events.push(event),
  });
  hands({ type: 'raise-addresses', addresses: [vip], lease: undefined });
  await new Promise(setImmediate);
  hands({ type: 'lower-addresses', addresses: [vip] });
  await new Promise(setImmediate);
  return events;
}

const vip = { address: '10.1.0.100' as IpAddress, device: 'eth0:1', prefix: 24 };
const foreign: ForeignAddress = { address: vip.address, prefix: 24, device: 'eth0' };
const seen = (...all: readonly ForeignAddress[]) => ({ type: 'addresses-seen', at: 0, ours: [], foreign: all });

test('what others have put up is told, and when it is gone; that there never was anything is not', async () => {
  const [up, down] = [
    { type: 'addresses-up', at: 0, added: [] },
    { type: 'addresses-down', at: 0 },
  ];
  expect(await withForeign([])).toEqual([up, down]);
  expect(await withForeign([], [foreign], [foreign])).toEqual([seen(foreign), up, seen(foreign), down]);
  expect(await withForeign([], [foreign], [])).toEqual([seen(foreign), up, seen(), down]);
});

test('an address on a device of another name is trouble', async () => {
  const [first] = await withForeign(['it is on wan0']);
  expect(first).toEqual({ type: 'addresses-not-up', at: 0, problem: 'it is on wan0' });
});

test('what a heartbeat orders up is looked at only, once its time is over; what a takeover orders up is raised', async () => {
  const asked: (boolean | undefined)[] = [];
  const leases: (number | undefined)[] = [];
  const world = worldOf(recordingLogger().log, load('primary = 10.1.0.2\n'));
  let now = 1000;
  const hands = makeHands({
    ...world,
    clock: { now: () => instant(now) },
    addresses: {
      ...world.addresses,
      raise: (_addresses, lease, inTime) => {
        leases.push(lease);
        asked.push(inTime?.());
        now = 1500;
        asked.push(inTime?.());
        return Promise.resolve(success({ interfaces: [], added: [], displaced: [], foreign: [] }));
      },
    },
    dispatch: () => undefined,
  });
  hands({ type: 'raise-addresses', addresses: [], lease: 4, by: instant(1500) });
  hands({ type: 'raise-addresses', addresses: [], lease: undefined });
  await new Promise(setImmediate);
  expect(asked).toEqual([true, false, true, true]);
  expect(leases).toEqual([4, undefined]);
});

test('who lets an address go asks no more who has it, before the partner can have it', async () => {
  const happened: string[] = [];
  const world = worldOf(recordingLogger().log, load('primary = 10.1.0.2\n'));
  const vip = { address: '10.1.0.100' as IpAddress, device: 'eth0:1', prefix: 24 };
  const hands = makeHands({
    ...world,
    addresses: { ...world.addresses, lower: () => Promise.resolve(success({ interfaces: [], ours: [], foreign: [] })) },
    announcer: { ...world.announcer, forget: ([each]) => happened.push(`forget ${each?.address ?? ''}`) },
    dispatch: ({ type }) => happened.push(type),
  });
  hands({ type: 'lower-addresses', addresses: [vip] });
  await new Promise(setImmediate);
  expect(happened).toEqual(['forget 10.1.0.100', 'addresses-down']);
});

test('who takes over before it knows its interfaces looks at them before it asks for an address', async () => {
  const asked: unknown[] = [];
  const eth0 = {
    name: 'eth0',
    up: true,
    running: true,
    mac: '525400abcdef' as MacAddress,
    addresses: [],
  };
  const world = worldOf(recordingLogger().log, load('primary = 10.1.0.2\n'));
  const hands = makeHands({
    ...world,
    addresses: { ...world.addresses, interfaces: () => Promise.resolve(success([eth0])) },
    announcer: { ...world.announcer, probe: (...where) => asked.push(where) },
  });
  hands({ type: 'probe', addresses: [] });
  await new Promise(setImmediate);
  expect(asked).toEqual([[[], [eth0]]]);
});

test('lvs is told what is raised with each configuration and at each change, so that it need not be written anywhere', () => {
  const lines: string[] = [];
  const lvs = {
    ...{ pid: 7, signal: () => undefined, stop: () => Promise.resolve({ type: 'vanished' } as const) },
    send: (text: string) => void lines.push(text),
    deafen: () => undefined,
  };
  const standing = { type: 'standing', pid: 7, role: 'active', term: 1, held: false, digest: null } as const;
  const { log } = recordingLogger();
  const raised = raisedFile(log.error, '/proc/piranha/addresses.json');
  const note = { address: vip.address, device: 'eth0', label: 'eth0', prefix: 24 };
  const hands = makeHands({
    ...worldOf(log, load('primary = 10.1.0.2\n')),
    adopted: { standing, attach: () => lvs, leave: () => undefined },
    raised,
  });
  raised.add([note]);
  hands({ type: 'configure-lvs' });
  raised.remove([vip]);
  const said = lines.map((line) => JSON.parse(line) as { type: string; addresses?: unknown });
  expect(said.map(({ type, addresses }) => [type, addresses])).toEqual([
    ['raised', [note]],
    ['configure', undefined],
    ['raised', [note]],
    ['raised', []],
  ]);
});
