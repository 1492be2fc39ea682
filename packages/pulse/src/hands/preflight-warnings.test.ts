import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Configuration } from '@piranha/config';
import { configurationFromText } from '@piranha/config';
import type { IpAddress } from '@piranha/domain';
import { success } from '@piranha/domain';
import type { Facts } from '@piranha/preflight';
import { recordingLogger } from '@piranha/testing';
import { lookAtMachine } from './preflight-warnings.ts';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

function configurationOf(text: string): Configuration {
  const loaded = configurationFromText('lvs.cf', text, {});
  if (!loaded.ok) throw new Error('refused');
  return loaded.value.configuration;
}

const file = (device: string): string => `primary = 10.1.0.2
network = direct
virtual web {
  active = 1
  address = 10.1.0.100 ${device}
}`;

/** A machine whose interfaces are all down. */
const bare: Facts = {
  interfaces: success([
    {
      name: 'lo',
      up: true,
      running: true,
      mac: undefined,
      addresses: [{ address: '10.1.0.2' as IpAddress, prefix: 32, expires: false }],
    },
    ...['eth0', 'eth9'].map((name) => ({ name, up: false, running: false, mac: undefined, addresses: [] })),
  ]),
  defaultDevices: success([]),
  sysctls: new Map(),
  firewalls: [],
  domain: success(undefined),
};

const minute = 60_000;

test('what is found is said once, and again only when it was gone in between', async () => {
  const { log, lines } = recordingLogger();
  const look = lookAtMachine(log, () => Promise.resolve(bare));
  const texts = async (device: string): Promise<readonly string[]> => {
    const before = lines.length;
    look(configurationOf(file(device)));
    await jest.advanceTimersByTimeAsync(minute);
    return lines.slice(before).flatMap((line) => (line.level === 'debug' ? [] : [line.text]));
  };
  const down = (device: string) => `interface ${device} is down, and the address of virtual server web belongs on it`;
  expect(await texts('eth0:1')).toEqual([down('eth0')]);
  expect(lines[0]).toMatchObject({ level: 'warning', fields: { code: 'device-down' } });
  expect(await texts('eth0:1')).toEqual([]);
  expect(await texts('eth9:1')).toEqual([down('eth9')]);
  expect(await texts('eth0:1')).toEqual([down('eth0')]);
});

test('a hundred reloads make one look at the machine, or two', async () => {
  let looks = 0;
  const gather = async (): Promise<Facts> => {
    looks += 1;
    await new Promise((resolve) => setTimeout(resolve, 5000));
    return bare;
  };
  const look = lookAtMachine(recordingLogger().log, gather);
  for (let count = 0; count < 100; count += 1) {
    look(configurationOf(file('eth0:1')));
    await jest.advanceTimersByTimeAsync(50);
  }
  await jest.advanceTimersByTimeAsync(minute);
  expect(looks).toBe(2);
});

test('a look that fails is a line in the log, and the next one is made all the same', async () => {
  const { log, lines } = recordingLogger();
  const look = lookAtMachine(log, () => Promise.reject(new Error('odd')));
  for (let count = 0; count < 2; count += 1) {
    look(configurationOf(file('eth0:1')));
    await jest.advanceTimersByTimeAsync(minute);
  }
  expect(lines.map((line) => line.text)).toEqual([
    'the machine could not be looked at',
    'the machine could not be looked at',
  ]);
});
