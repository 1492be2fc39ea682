// What `ip` is told, and when: a program in its place shows prepared answers, one after the other, and notes each line.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { IpAddress } from '@piranha/domain';
import type { RaisedAddress } from '@piranha/protocol';
import { openAddressBatch } from './address-batch.ts';

const vip = { address: '10.1.0.100' as IpAddress, device: 'eth0:1', prefix: 24 };

/** Answers the nth look with file n, or with the last one that there is. */
const program = `#!/bin/sh
n=1
while read -r line; do
  echo "$line" >>"$0.told"
  [ "$line" = 'address show' ] || continue
  cat "$0.$n"
  [ ! -e "$0.$((n + 1))" ] || n=$((n + 1))
done
`;

let folder: string;
let stop: () => Promise<void>;

beforeEach(() => {
  notes = [];
  folder = mkdtempSync(join(tmpdir(), 'piranha-ip-'));
});

/** What was noted of the addresses. */
let notes: readonly RaisedAddress[];
const note = (fresh: readonly RaisedAddress[] | string): void => {
  if (typeof fresh === 'string') throw new Error(fresh);
  notes = [...notes, ...fresh];
};

afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

type Standing = {
  readonly local: string;
  readonly prefixlen: number;
  readonly label: string;
  readonly valid_life_time?: number;
};

/** An `ip` that shows these addresses of eth0 at the first look, those at the second, and so on. */
function startIp(...looks: readonly (readonly Standing[])[]) {
  const path = join(folder, 'ip');
  for (const [index, standing] of looks.entries()) {
    const eth0 = {
      ifindex: 2,
      ifname: 'eth0',
      flags: ['UP', 'LOWER_UP'],
      address: '52:54:00:ab:cd:ef',
      addr_info: standing,
    };
    writeFileSync(`${path}.${index + 1}`, `${JSON.stringify([eth0])}\n`);
  }
  writeFileSync(path, program);
  chmodSync(path, 0o755);
  const told = (): string[] =>
    existsSync(`${path}.told`) ? readFileSync(`${path}.told`, 'utf8').trim().split('\n') : [];
  const around = { raised: { all: () => notes, add: note, remove: () => undefined }, warn: note };
  // Nothing here may reach this machine's own addresses and settings.
  const batch = openAddressBatch(around, { ip: path, promote: () => true });
  stop = () => batch.close();
  return { batch, told };
}

const standing: Standing = { local: vip.address, prefixlen: 24, label: 'eth0:1' };
const late = (): boolean => false;

test('an address goes down with the first line, before a look', async () => {
  const { batch, told } = startIp([]);
  expect(await batch.lower([vip])).toMatchObject({ ok: true });
  await stop();
  expect(told()).toEqual(['address delete 10.1.0.100/24 dev eth0 label eth0:1', 'address show']);
});

test('one that stands with another mask goes down after it', async () => {
  const { batch, told } = startIp([{ ...standing, prefixlen: 32 }], []);
  expect(await batch.lower([vip])).toMatchObject({ ok: true });
  await stop();
  expect(told().filter((line) => line !== 'address show')).toEqual([
    'address delete 10.1.0.100/24 dev eth0 label eth0:1',
    'address delete 10.1.0.100/32 dev eth0 label eth0:1',
  ]);
});

test('one that does not go down is told', async () => {
  const { batch } = startIp([standing]);
  expect(await batch.lower([vip])).toMatchObject({ ok: false });
  await stop();
});

test('an address that is missing comes up', async () => {
  const { batch, told } = startIp([], [standing]);
  expect(await batch.raise([vip])).toMatchObject({ ok: true, value: { added: [vip.address] } });
  await stop();
  expect(told()[1]).toMatch(/^address replace 10\.1\.0\.100\/24 /);
});

test('an address that comes up is noted before', async () => {
  const { batch } = startIp([], [standing]);
  await batch.raise([vip]);
  expect(notes).toEqual([{ address: vip.address, device: 'eth0', label: 'eth0:1', index: 2, prefix: 24 }]);
  await stop();
});

test('one that somebody else has put there is told, and not noted', async () => {
  const { batch } = startIp([{ ...standing, label: 'eth0' }]);
  const foreign = [{ address: vip.address, prefix: 24, device: 'eth0' }];
  expect(await batch.raise([vip], 14)).toMatchObject({ ok: true, value: { added: [], foreign } });
  expect(await batch.look([vip])).toMatchObject({ ok: true, value: { ours: [], foreign } });
  expect(await batch.lower([vip])).toMatchObject({ ok: true, value: { foreign } });
  expect(notes).toEqual([]);
  await stop();
});

test('what is missing stays down where it is too late when ip has shown it', async () => {
  const { batch, told } = startIp([]);
  expect(await batch.raise([vip], 14, late)).toMatchObject({ ok: true, value: { added: [] } });
  await stop();
  expect(told()).toEqual(['address show']);
});

test('the time of what stands is renewed all the same', async () => {
  const { batch, told } = startIp([{ ...standing, valid_life_time: 9 }]);
  expect(await batch.raise([vip], 14, late)).toMatchObject({ ok: true, value: { added: [] } });
  await stop();
  expect(told()[1]).toMatch(/^address replace 10\.1\.0\.100\/24 .* valid_lft 14$/);
});

test('an order that is repeated while it waits is in time for as long as the last one of them', async () => {
  const { batch } = startIp([], [], [standing]);
  const busy = batch.lower([{ ...vip, address: '10.1.0.7' as IpAddress }]);
  const orders = [batch.raise([vip], 14, late), batch.raise([vip], 14, () => true)];
  await busy;
  expect(await Promise.all(orders)).toMatchObject([
    { value: { added: [vip.address] } },
    { value: { added: [vip.address] } },
  ]);
  await stop();
});
