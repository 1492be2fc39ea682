import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { IpAddress, MacAddress } from '@piranha/domain';
import { encodeLine } from '@piranha/protocol';
import type { Interface } from '@piranha/protocol';
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
  ...{ name, up: true, running: true, mac: own, addresses: [] },
});
const interfaces = [device('eth0', mac), device('tun0', undefined)];
const vip = { address: '10.1.0.100' as IpAddress, device: 'eth0:1', prefix: 24 };
const vip6 = { address: 'fd00::64' as IpAddress, device: 'eth0', prefix: 64 };

/** Stands in for send_arp: says these lines, then writes down what it is told until its input ends. */
function program(...lines: readonly string[]): string {
  const path = join(folder, 'send_arp');
  const said = lines.map((line) => `echo '${line.trim()}'`).join('\n');
  writeFileSync(path, `#!/bin/sh\n${said}\nwhile read -r line; do echo "$line" >>'${path}.log'; done\n`);
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
  const announcer = startAnnouncer(program(), recordingLogger().log);
  announcer.probe([vip], interfaces);
  announcer.announce([vip, vip6, { ...vip, device: 'tun0' }, { ...vip, device: 'eth9' }], interfaces);
  await until(() => told().length >= 3);
  await announcer.close();
  expect(told()).toEqual([
    { type: 'probe', device: 'eth0', address: '10.1.0.100', mac },
    { type: 'announce', device: 'eth0', address: '10.1.0.100', mac },
    { type: 'announce', device: 'eth0', address: 'fd00::64', mac },
  ]);
});

test('another station with the address is a warning that names both, and says what to do', async () => {
  const { log, lines } = recordingLogger();
  const taken = { type: 'taken', device: 'eth0', address: '10.1.0.100', mac: '020000000009' };
  const announcer = startAnnouncer(program(encodeLine(taken), 'nonsense'), log);
  await until(() => lines.length >= 2);
  await announcer.close();
  expect(lines.map(({ level, text }) => `${level} ${text}`)).toEqual([
    expect.stringMatching(
      /^warning 10\.1\.0\.100 is in use on eth0 by another station, 02:00:00:00:00:09: take it down there/,
    ),
    'warning send_arp sent an unknown message',
  ]);
});
