import { expect, test } from '@jest/globals';
import type { FakeLvs } from '../testing/fake-lvs.ts';
import { fakeLvs } from '../testing/fake-lvs.ts';

const web = 'virtual web {\n active = 1\n address = 10.0.0.100 eth0:1\n}\n';
const aboutSettings = (lvs: FakeLvs) => lvs.logged().filter((text) => text.includes('net.ipv4.vs.'));

function configured(text: string) {
  const lvs = fakeLvs();
  lvs.sysctls.set('expire_nodest_conn', 1);
  lvs.sysctls.set('expire_quiescent_template', 0);
  lvs.configure(text);
  return lvs;
}

test('an active lvs makes the settings of the file, and says what it changed', () => {
  const lvs = configured(web);
  lvs.order('active');
  expect(Object.fromEntries(lvs.sysctls)).toEqual({
    expire_nodest_conn: 0,
    expire_quiescent_template: 1,
    conn_reuse_mode: 1,
  });
  expect(aboutSettings(lvs)).toEqual([
    'net.ipv4.vs.expire_nodest_conn is 0 now, was 1',
    'net.ipv4.vs.expire_quiescent_template is 1 now, was 0',
  ]);
});

test('a cold standby leaves them alone, a hot one makes them', () => {
  const cold = configured(web);
  cold.order('standby');
  cold.advance(60_000);
  expect(cold.sysctls.get('expire_quiescent_template')).toBe(0);
  const hot = configured(`hot_standby = 1\n${web}`);
  hot.order('standby');
  hot.advance(5000);
  expect(hot.sysctls.get('expire_quiescent_template')).toBe(1);
});

test('a reload that changes one is in effect within 5 seconds', () => {
  const lvs = configured(web);
  lvs.order('active');
  lvs.configure(`conn_reuse_mode = 2\n${web}`);
  lvs.advance(5000);
  expect(lvs.sysctls.get('conn_reuse_mode')).toBe(2);
  expect(aboutSettings(lvs).at(-1)).toBe('net.ipv4.vs.conn_reuse_mode is 2 now, was 1');
});

test('what somebody else changes is put right within 5 seconds and logged each time', () => {
  const lvs = configured(web);
  lvs.order('active');
  for (let time = 0; time < 2; time += 1) {
    lvs.sysctls.set('expire_nodest_conn', 1);
    lvs.advance(5000);
    expect(lvs.sysctls.get('expire_nodest_conn')).toBe(0);
  }
  const line = 'somebody else set net.ipv4.vs.expire_nodest_conn to 1: it is 0 again';
  expect(aboutSettings(lvs).slice(-2)).toEqual([line, line]);
});

test('a kernel without one of them is told once and balances all the same', () => {
  const lvs = configured(web);
  lvs.sysctls.delete('conn_reuse_mode');
  lvs.order('active');
  lvs.advance(60_000);
  expect(aboutSettings(lvs).filter((text) => text.includes('conn_reuse_mode'))).toEqual([
    'net.ipv4.vs.conn_reuse_mode cannot be set to 1',
  ]);
  expect(lvs.told()).toContain('ready');
});
