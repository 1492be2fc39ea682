import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { asPort, parseIpAddress } from '@piranha/domain';
import type { TableCommand } from '@piranha/ipvs';
import { readLoads, runIpvsadm } from './ipvsadm.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

const [address, port] = [parseIpAddress('10.0.0.1'), asPort(80)];
if (address === undefined || port === undefined) throw new Error('no address');
const commands: readonly TableCommand[] = [{ type: 'delete-service', identity: { type: 'tcp', address, port } }];
const still = { thresholds: false, loadModule: false, timeouts: undefined, settings: undefined };

test('complaints come back with the table that was read afterwards', async () => {
  const done = await runIpvsadm({ ...still, ipvsadm: fixture('ipvsadm-that-complains'), commands });
  expect(done).toMatchObject({ complaint: 'Service already exists', finished: true, read: { ok: true } });
  expect(done.read.ok && [...done.read.value.keys()]).toEqual(['tcp 10.0.0.1:80']);
});

test('all three timeouts are set in one run, before the table is read', async () => {
  const timeouts = { tcp: 900, tcpFin: 120, udp: 30 };
  const ipvsadm = fixture('ipvsadm-that-echoes');
  const done = await runIpvsadm({ ...still, ipvsadm, commands: [], timeouts });
  // It fails with its arguments on standard error.
  expect(done.timeouts).toEqual({
    sent: timeouts,
    problem: expect.stringContaining(': --set 900 120 30') as unknown,
  });
  expect(done.read).toHaveProperty('error', expect.stringContaining(': -S -n'));
});

test('a last line without effect is no early end', async () => {
  const done = await runIpvsadm({ ...still, ipvsadm: fixture('ipvsadm-last-line-fails'), commands });
  expect(done).toMatchObject({
    complaint: 'Scheduler or persistence engine not found; Service not defined',
    finished: true,
    read: { ok: true },
  });
});

test('weights and connections are read from the listing', async () => {
  const loads = await readLoads(fixture('ipvsadm-last-line-fails'));
  expect(loads.ok && [...loads.value].map(([service, servers]) => [service, [...servers]])).toEqual([
    ['tcp 10.0.0.1:80', [['10.0.0.2:8080', { weight: 3, activeConnections: 1, inactiveConnections: 2 }]]],
  ]);
  expect(await readLoads('/nonexistent/ipvsadm')).toMatchObject({ ok: false });
});

test('without IPVS both writing and reading say why, on one line', async () => {
  const ipvsadm = fixture('ipvsadm-without-ipvs');
  const why =
    "Can't initialize ipvs: Protocol not available; Are you sure that IP Virtual Server is built in the kernel";
  expect(await runIpvsadm({ ...still, ipvsadm, commands })).toEqual({
    complaint: `${ipvsadm} -R: ended with status 2: ${why} or as module?`,
    finished: false,
    timeouts: undefined,
    settings: [],
    read: { ok: false, error: `${ipvsadm} -S -n: ended with status 2: ${why} or as module?` },
  });
});

test('a program that is not there is a failure in words', async () => {
  const done = await runIpvsadm({ ...still, ipvsadm: '/nonexistent/ipvsadm', commands: [] });
  expect(done).toMatchObject({ complaint: '', read: { ok: false } });
  expect(done.read).toHaveProperty('error', expect.stringContaining('ENOENT'));
});
