import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { instant } from '@piranha/domain';
import type { LvsMessage } from '@piranha/protocol';
import { fakeLvs } from './fake-lvs.ts';
import { startReporter } from './reporter.ts';

const ipvsadm = fileURLToPath(new URL('../fixtures/ipvsadm-last-line-fails', import.meta.url));

/** An lvs whose file names the fixture as its ipvsadm. */
function reporting() {
  const lvs = fakeLvs();
  lvs.configure(`ipvsadm = ${ipvsadm}
virtual web {
  active = 1
  address = 10.0.0.1 eth0:1
  server one {
    active = 1
    address = 10.0.0.2
    port = 8080
  }
}`);
  const told: LvsMessage[] = [];
  const report = startReporter(lvs.state, { now: () => instant(0) }, (message) => told.push(message));
  const answered = async (): Promise<void> => {
    for (let tries = 0; told.length === 0 && tries < 200; tries += 1) await sleep(20);
  };
  return { report, told, answered };
}

test('a question is answered under its number with what the kernel counts', async () => {
  const { report, told, answered } = reporting();
  report(7);
  await answered();
  expect(told).toMatchObject([
    { type: 'report', id: 7, virtualServers: [{ servers: [{ weight: 3, activeConnections: 1 }] }] },
  ]);
});

test('questions that come while an answer is being made share it', async () => {
  const { report, told, answered } = reporting();
  for (const id of [1, 2, 3]) report(id);
  await answered();
  await sleep(100);
  expect(told.map((message) => message.type === 'report' && message.id)).toEqual([3]);
  report(4);
  for (let tries = 0; told.length < 2 && tries < 200; tries += 1) await sleep(20);
  expect(told).toMatchObject([{ id: 3 }, { id: 4 }]);
});
