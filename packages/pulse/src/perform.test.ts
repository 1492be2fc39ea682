import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { configurationFromText } from '@piranha/config';
import type { LoadedConfiguration } from '@piranha/config';
import { failure, instant } from '@piranha/domain';
import { recordingLogger } from '@piranha/testing';
import { heartbeatSockets } from './heartbeat-socket.ts';
import { makeLvsQuestions } from './lvs-questions.ts';
import { makeHands } from './perform.ts';
import type { PulseAction, PulseEvent } from './state.ts';

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
  const unused = (): Promise<never> => Promise.reject(new Error('not asked for'));
  await new Promise<void>((resolve) => {
    const hands = makeHands({
      clock: { now: () => instant(0) },
      log,
      sockets: heartbeatSockets(log),
      addresses: { interfaces: unused, raise: unused, lower: () => Promise.resolve(failure('none')), close: unused },
      questions: makeLvsQuestions(),
      announcer: { announce: () => undefined, close: () => Promise.resolve() },
      loaded: () => loaded,
      lvs: { file: '/nonexistent', args: [] },
      onLvsLog: () => undefined,
      dispatch,
      onExit: resolve,
    });
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
  expect(logged).toEqual([expect.stringContaining('nice')]);
  expect(runsOf('down')).toHaveLength(1);
});
