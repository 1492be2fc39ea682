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
import type { PulseAction } from './state.ts';

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
async function perform(text: string, ...actions: readonly PulseAction[]): Promise<readonly string[]> {
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
      interfaces: [],
      lvs: { file: '/nonexistent', args: [] },
      onLvsLog: () => undefined,
      dispatch: () => undefined,
      onExit: resolve,
    });
    for (const action of actions) hands(action);
    hands({ type: 'exit' });
  });
  return lines.map(({ text }) => text);
}

test('the sync daemon is stopped in both modes and started with interface and id of the file', async () => {
  const ipvsadm = recorder('ipvsadm');
  const text = `ipvsadm = ${ipvsadm}\nsyncdaemon = 1\nsyncd_iface = eth7\nsyncd_id = 9\n`;
  expect(await perform(text, { type: 'sync-daemon', mode: 'master' })).toEqual([]);
  expect(runsOf('ipvsadm')).toEqual([
    '--stop-daemon backup',
    '--stop-daemon master',
    '--start-daemon master --mcast-interface eth7 --syncid 9',
  ]);
});

test('without syncdaemon = 1 nothing of the kind is run', async () => {
  const text = `ipvsadm = ${recorder('ipvsadm')}\nsyncd_iface = eth7\n`;
  await perform(text, { type: 'sync-daemon', mode: 'master' });
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
