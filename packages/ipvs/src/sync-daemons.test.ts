import { expect, test } from '@jest/globals';
import { parseSyncDaemons, syncDaemonCommands } from './sync-daemons.ts';

const line = (mode: string, device: string, id: number): string =>
  `${mode} sync daemon (mcast=${device}, syncid=${id}, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)\n`;

const [listen, tell] = (['backup', 'master'] as const).map((mode) => [
  '--start-daemon',
  mode,
  ...['--mcast-interface', 'eth1', '--syncid', '7'],
]);
const place = { device: 'eth1', id: 7 };

test('both daemons are read with their interface and id', () => {
  expect(parseSyncDaemons(line('master', 'eth1', 7) + line('backup', 'bond0.12', 255))).toEqual({
    master: place,
    backup: { device: 'bond0.12', id: 255 },
  });
});

test('what older versions print is read, too', () => {
  expect(parseSyncDaemons('master sync daemon (mcast=eth1, syncid=7)\n')).toEqual({ master: place });
});

test.each(['', 'No daemon is running\n'])('where none runs none is read: %j', (listing) => {
  expect(parseSyncDaemons(listing)).toEqual({});
});

test('where none runs both are started, the one that listens first', () => {
  expect(syncDaemonCommands({}, place)).toEqual([listen, tell]);
});

test('what runs as wanted is left alone', () => {
  expect(syncDaemonCommands({ master: place, backup: place }, place)).toEqual([]);
});

test('of an original router that ran one of them the other is started', () => {
  expect(syncDaemonCommands({ backup: place }, place)).toEqual([tell]);
});

test.each([
  { device: 'eth2', id: 7 },
  { device: 'eth1', id: 8 },
])('one that is elsewhere, %j, is started anew', (other) => {
  expect(syncDaemonCommands({ master: place, backup: other }, place)).toEqual([['--stop-daemon', 'backup'], listen]);
});

test('where none is wanted, those that run are stopped', () => {
  const stops = ['backup', 'master'].map((mode) => ['--stop-daemon', mode]);
  expect(syncDaemonCommands({ master: place, backup: place }, undefined)).toEqual(stops);
  expect(syncDaemonCommands({}, undefined)).toEqual([]);
});
