import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { IpAddress, MacAddress } from '@piranha/domain';
import { after, milliseconds, never } from '@piranha/domain';
import { encodeLine } from '@piranha/protocol';
import type { Interface } from '@piranha/protocol';
import { systemClock } from '@piranha/runtime';
import { recordingLogger } from '@piranha/testing';
import { startAnnouncer } from './announcer.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'announcer-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const mac = '525400abcdef' as MacAddress;
const device = (name: string, own: MacAddress | undefined): Interface => ({
  ...{ name, index: 2, up: true, running: true, mac: own, addresses: [] },
});
const interfaces = [device('eth0', mac), device('tun0', undefined)];
const vip = { address: '10.1.0.100' as IpAddress, device: 'eth0:1', prefix: 24 };
const vip6 = { address: 'fd00::64' as IpAddress, device: 'eth0', prefix: 64 };

/** Stands in for send_arp: writes down what it is told until its input ends; some lines it says at once, or after the first order. */
function program(atOnce: readonly string[] = [], afterFirst: readonly string[] = []): string {
  const path = join(folder, 'send_arp');
  const say = (lines: readonly string[]): string => lines.map((line) => `echo '${line.trim()}'`).join('\n');
  const note = `echo "$line" >>'${path}.log'`;
  const loop = `while read -r line; do ${note}; done`;
  writeFileSync(path, `#!/bin/sh\n${say(atOnce)}\nread -r line && ${note}\n${say(afterFirst)}\n${loop}\n`);
  chmodSync(path, 0o755);
  return path;
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!holds() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
}

const told = (): unknown[] => {
  try {
    const lines = readFileSync(join(folder, 'send_arp.log'), 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line) as unknown);
  } catch {
    return [];
  }
};

test('addresses are asked for and announced on their devices, with the devices own hardware address', async () => {
  const announcer = startAnnouncer(program(), recordingLogger().log, () => undefined);
  announcer.probe([vip], interfaces);
  announcer.announce([vip, vip6, { ...vip, device: 'tun0' }, { ...vip, device: 'eth9' }], interfaces, never);
  await until(() => told().length >= 3);
  await announcer.close();
  expect(told()).toEqual([
    { type: 'probe', device: 'eth0', address: '10.1.0.100', mac },
    { type: 'announce', device: 'eth0', address: '10.1.0.100', mac },
    { type: 'announce', device: 'eth0', address: 'fd00::64', mac },
  ]);
});

test('an address whose device has got another name is announced there', async () => {
  const announcer = startAnnouncer(program(), recordingLogger().log, () => undefined);
  const entry = { address: vip.address, prefix: 24, expires: false };
  const wan0 = { ...device('wan0', mac), addresses: [entry] };
  const lo = { ...device('lo', mac), loopback: true as const, addresses: [entry] };
  announcer.announce([vip], [lo, wan0], never);
  await until(() => told().length >= 1);
  await announcer.close();
  expect(told()).toEqual([{ type: 'announce', device: 'wan0', address: '10.1.0.100', mac }]);
});

const taken = { type: 'taken', device: 'eth0', address: '10.1.0.100', mac: '020000000009' };

test('an announcement says until when it is worth anything, on the clock of the machine', async () => {
  const announcer = startAnnouncer(program(), recordingLogger().log, () => undefined);
  announcer.announce([vip], interfaces, after(systemClock.now(), milliseconds(500)));
  const sentAt = Number(process.hrtime.bigint()) / 1e6;
  await until(() => told().length >= 1);
  await announcer.close();
  const [{ until: limit } = { until: 0 }] = told() as { until: number }[];
  expect(limit - sentAt).toBeGreaterThan(0);
  expect(limit - sentAt).toBeLessThanOrEqual(500);
});

test('another station with the address is a warning that names both, and says what to do', async () => {
  const { log, lines } = recordingLogger();
  const announcer = startAnnouncer(program([encodeLine(taken), 'nonsense']), log, () => undefined);
  announcer.probe([vip], interfaces);
  await until(() => lines.length >= 2);
  await announcer.close();
  expect(lines.map(({ level, text }) => `${level} ${text}`)).toEqual([
    expect.stringMatching(
      /^warning 10\.1\.0\.100 is in use on eth0 by another station, 02:00:00:00:00:09: take it down there/,
    ),
    'warning send_arp sent an unknown message',
  ]);
});

test('what is let go is asked for no more, and an answer that comes all the same is no news', async () => {
  const { log, lines } = recordingLogger();
  const announcer = startAnnouncer(program([], [encodeLine(taken), 'nonsense']), log, () => undefined);
  announcer.probe([vip], interfaces);
  announcer.forget([vip, vip6]);
  await until(() => lines.length >= 1 && told().length >= 2);
  await announcer.close();
  expect(lines.map(({ text }) => text)).toEqual(['send_arp sent an unknown message']);
  expect(told()).toEqual([
    { type: 'probe', device: 'eth0', address: '10.1.0.100', mac },
    { type: 'forget', device: 'eth0', address: '10.1.0.100' },
  ]);
});

test('announcements that were read too late are told', async () => {
  let late = 0;
  const announcer = startAnnouncer(program([encodeLine({ type: 'late', count: 3 })]), recordingLogger().log, () => {
    late += 1;
  });
  await until(() => late > 0);
  await announcer.close();
  expect(late).toBe(1);
});
