import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, jest, test } from '@jest/globals';
import { instant } from '@piranha/domain';
import type { LvsMessage } from '@piranha/protocol';
import { fakeLvs } from '../testing/fake-lvs.ts';
import { startReporter } from './reporter.ts';

// Each answer is a process that starts.
jest.setTimeout(30_000);

const ipvsadm = fileURLToPath(new URL('../../fixtures/ipvsadm-last-line-fails', import.meta.url));

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
  const news = new EventEmitter();
  const report = startReporter(lvs.state, { now: () => instant(0) }, (message) => {
    told.push(message);
    news.emit('told');
  });
  /** The numbers under which there were answers, once one has this number. */
  const answered = async (last: number): Promise<readonly unknown[]> => {
    const numbers = (): readonly unknown[] => told.map((message) => message.type === 'report' && message.id);
    while (!numbers().includes(last)) await once(news, 'told');
    return numbers();
  };
  return { report, told, answered };
}

test('a question is answered under its number with what the kernel counts', async () => {
  const { report, told, answered } = reporting();
  report(7);
  await answered(7);
  expect(told).toMatchObject([
    { type: 'report', id: 7, virtualServers: [{ servers: [{ weight: 3, activeConnections: 1 }] }] },
  ]);
});

test('questions that come while an answer is being made share it', async () => {
  const { report, answered } = reporting();
  for (const id of [1, 2, 3]) report(id);
  await answered(3);
  report(4);
  expect(await answered(4)).toEqual([3, 4]);
});
