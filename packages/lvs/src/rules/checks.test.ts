import { expect, test } from '@jest/globals';
import { configurationFromText } from '@piranha/config';
import { impliedHttpCheck } from '@piranha/protocol';
import { checkedServers, checksOf } from './checks.ts';

/** The check of the only server of one virtual server. */
function checkFor(lines: string, serverLines = '') {
  const server = `server one {\nactive = 1\naddress = 10.0.1.1\n${serverLines}\n}`;
  const text = `virtual web {\nactive = 1\naddress = 10.0.0.100 eth0:1\n${lines}\n${server}\n}\n`;
  const loaded = configurationFromText('lvs.cf', text, {});
  if (!loaded.ok) throw new Error(loaded.error.map((each) => each.message).join('; '));
  const { configuration } = loaded.value;
  const [[id, about] = []] = checkedServers(configuration);
  const [[watch, { check } = {}] = []] = checksOf(configuration);
  return { server: id, label: about?.label, watch, check };
}

test('a server is named by its virtual server, address and port, and its watch by that and the check', () => {
  const { server, label, watch, check } = checkFor('port = 80', 'port = 8080');
  expect(server).toBe('tcp 10.0.0.100:80/10.0.1.1:8080');
  expect(label).toBe('web/one');
  expect(watch).toBe('tcp 10.0.0.100:80/10.0.1.1:8080 service');
  expect(check).toMatchObject({ virtual: '10.0.0.100:80', address: '10.0.1.1', port: 8080, protocol: 'tcp' });
});

test('with a firewall mark the mark is the name', () => {
  const { server, check } = checkFor('port = 80\nfwmark = 7');
  expect(server).toBe('fwmark 7/10.0.1.1:80');
  expect(check?.virtual).toBe('fwmark 7');
});

test('TCP on port 80 with nothing configured is checked as a web server', () => {
  expect(checkFor('port = 80').check).toMatchObject({ kind: 'dialogue', ...impliedHttpCheck });
});

test.each([
  ['another port', 'port = 81', { kind: 'connect', protocol: 'tcp' }],
  ['UDP', 'port = 80\nprotocol = udp\nsend = "x"', { kind: 'dialogue', protocol: 'udp', send: 'x', expect: null }],
  ['a program', 'port = 80\nsend_program = "/bin/check %h"', { kind: 'program', expect: null }],
])('%s is not', (_name, lines, check) => {
  expect(checkFor(lines).check).toMatchObject(check);
});

test('a server returns after so many good checks as fit into reentry, one at least', () => {
  expect(checkFor('timeout = 6\nreentry = 15').check?.rise).toBe(2);
  expect(checkFor('timeout = 6\nreentry = 1').check?.rise).toBe(1);
});
