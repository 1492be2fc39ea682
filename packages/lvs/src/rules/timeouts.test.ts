import { expect, test } from '@jest/globals';
import type { FakeLvs } from '../testing/fake-lvs.ts';
import { fakeLvs } from '../testing/fake-lvs.ts';
import { file, readyLvs } from '../testing/fake-service.ts';

const timeoutsSent = (lvs: FakeLvs) =>
  lvs.actions.flatMap((action) => (action.type === 'work-on-table' ? [action.timeouts] : [])).filter(Boolean);

test('connection timeouts are set once, and again when a reload changes them', () => {
  const lvs = readyLvs(`tcp_timeout = 900\n${file}`);
  lvs.advance(60_000);
  lvs.configure(`udp_timeout = 30\n${file}`);
  lvs.advance(60_000);
  expect(timeoutsSent(lvs)).toEqual([
    { tcp: 900, tcpFin: 0, udp: 0 },
    { tcp: 0, tcpFin: 0, udp: 30 },
  ]);
});

test('timeouts that are refused are tried again, and the log says so once', () => {
  const lvs = fakeLvs();
  lvs.refuseTimeouts('Operation not permitted');
  lvs.configure(`tcp_timeout = 900\n${file}`);
  lvs.order('active');
  lvs.advance(60_000);
  expect(lvs.logged().filter((line) => line.includes('timeouts'))).toEqual([
    'ipvsadm failed to set timeouts (900 0 0)',
  ]);
  lvs.refuseTimeouts('');
  lvs.advance(6_000);
  const tries = timeoutsSent(lvs).length;
  lvs.advance(60_000);
  expect(timeoutsSent(lvs)).toHaveLength(tries);
});
