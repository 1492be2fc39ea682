import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { UnixReceiver } from '@piranha/libc/unix-receiver';
import { unixReceiver } from '@piranha/libc/unix-receiver';
import { serviceManager } from './service-manager.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'piranha-systemd-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function withReceiver(path: string, act: (receiver: UnixReceiver) => Promise<void>): Promise<void> {
  const receiver = unixReceiver(path);
  try {
    await act(receiver);
  } finally {
    receiver.close();
  }
}

test.each([
  ['a path', () => join(folder, 'notify')],
  ['an abstract name', () => `@piranha-test-${process.pid}`],
])('by %s it is told of the start and of the stop', async (_what, path) => {
  await withReceiver(path(), (receiver) => {
    const manager = serviceManager({ NOTIFY_SOCKET: path() });
    manager.ready();
    manager.stopping();
    manager.close();
    expect(receiver.receiveAll()).toEqual([`READY=1\nMAINPID=${process.pid}`, 'STOPPING=1']);
    return Promise.resolve();
  });
});

test('signs of life come often enough, and only while all is in time', async () => {
  const path = join(folder, 'notify');
  await withReceiver(path, async (receiver) => {
    const manager = serviceManager({ NOTIFY_SOCKET: path, WATCHDOG_USEC: '200000' });
    let inTime = true;
    manager.watch(() => inTime);
    await wait(500);
    const signs = receiver.receiveAll();
    expect(new Set(signs)).toEqual(new Set(['WATCHDOG=1']));
    expect(signs.length).toBeGreaterThanOrEqual(4);
    inTime = false;
    await wait(200);
    expect(receiver.receiveAll()).toEqual([]);
    manager.close();
  });
});

test.each([{ WATCHDOG_USEC: '200000', WATCHDOG_PID: '1' }, { WATCHDOG_USEC: 'soon' }, {}])(
  'no sign of life where none is expected of this process: %j',
  async (environment) => {
    const path = join(folder, 'notify');
    await withReceiver(path, async (receiver) => {
      const manager = serviceManager({ NOTIFY_SOCKET: path, ...environment });
      manager.watch(() => true);
      await wait(200);
      manager.close();
      expect(receiver.receiveAll()).toEqual([]);
    });
  },
);

test('a service manager that is away does no harm, and one that comes back hears us', async () => {
  const path = join(folder, 'notify');
  const manager = serviceManager({ NOTIFY_SOCKET: path });
  manager.ready();
  await withReceiver(path, (receiver) => {
    manager.stopping();
    expect(receiver.receiveAll()).toEqual(['STOPPING=1']);
    return Promise.resolve();
  });
  manager.close();
});

test('its address is not for children', () => {
  const environment = { NOTIFY_SOCKET: join(folder, 'x'), WATCHDOG_USEC: '1', WATCHDOG_PID: '1', OTHER: 'kept' };
  serviceManager(environment).close();
  expect(environment).toEqual({ OTHER: 'kept' });
});
