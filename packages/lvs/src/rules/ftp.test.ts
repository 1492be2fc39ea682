import { expect, test } from '@jest/globals';
import type { FakeLvs } from '../testing/fake-lvs.ts';
import { fakeLvs } from '../testing/fake-lvs.ts';
import { activeLvs, file, one, server, two, virtual } from '../testing/fake-service.ts';

const loads = (lvs: FakeLvs): number => lvs.actions.filter((action) => action.type === 'load-ftp-module').length;

test('the module for FTP is loaded once, when FTP over NAT begins', () => {
  const lvs = activeLvs();
  expect(loads(lvs)).toBe(0);
  lvs.configure(file + virtual('ftp', 21, one));
  lvs.configure(file + virtual('ftp', 21, one + two));
  lvs.advance(60_000);
  expect(loads(lvs)).toBe(1);
  lvs.order('standby');
  lvs.order('active');
  expect(loads(lvs)).toBe(2);
});

test.each([
  ['a firewall mark with port 21', virtual('ftp', 21, one, 'fwmark = 21'), 1],
  [
    'one masqueraded server among others',
    `network = direct\n${virtual('ftp', 21, one + server('n', '10.0.1.9', 'network = nat'))}`,
    1,
  ],
  ['a masqueraded sorry server', virtual('ftp', 21, '', 'sorry_server = 10.0.1.9'), 1],
  ['direct routing', `network = direct\n${virtual('ftp', 21, one)}`, 0],
  ['another port', virtual('web', 80, one), 0],
  ['UDP', virtual('web', 21, one, 'protocol = udp'), 0],
])('whether the module for FTP is needed: %s', (_which, text, expected) => {
  expect(loads(activeLvs(text))).toBe(expected);
});

test('a router that stands by without a table loads no module, one with a table does', () => {
  const ftp = virtual('ftp', 21, one);
  for (const [text, expected] of [
    [ftp, 0],
    [`hot_standby = 1\n${ftp}`, 1],
  ] as const) {
    const lvs = fakeLvs();
    lvs.configure(text);
    lvs.order('standby');
    expect(loads(lvs)).toBe(expected);
  }
});

test('a module for FTP that cannot be loaded is named, and the service stands all the same', () => {
  const lvs = activeLvs(virtual('ftp', 21, one));
  lvs.send({ type: 'ftp-module-done', at: lvs.now(), problem: 'modprobe: not found' });
  expect(lvs.logged()).toContain('FTP over NAT will not work: the module ip_vs_ftp could not be loaded');
  lvs.up('tcp 10.0.0.100:21/10.0.1.1:21');
  expect(lvs.table()).toEqual(['-A -t 10.0.0.100:21 -s wlc', '-a -t 10.0.0.100:21 -r 10.0.1.1:21 -m -w 1']);
});

test('a module for FTP that was loaded needs no word', () => {
  const lvs = activeLvs(virtual('ftp', 21, one));
  const before = lvs.logged().length;
  lvs.send({ type: 'ftp-module-done', at: lvs.now(), problem: '' });
  expect(lvs.logged()).toHaveLength(before);
});
