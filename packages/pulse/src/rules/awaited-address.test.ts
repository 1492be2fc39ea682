import { expect, test } from '@jest/globals';
import { configurationFromText } from '@piranha/config';
import { decodeInterfaces } from '@piranha/protocol';
import { awaitedAddress } from './awaited-address.ts';

function configuration(text: string) {
  const loaded = configurationFromText(
    'lvs.cf',
    `${text}\nvirtual v {\nactive = 1\naddress = 10.1.0.9 eth0:1\n}\n`,
    {},
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value.configuration;
}

const both = configuration('primary = 2001:db8::1\nbackup = 2001:db8::2\nbackup_active = 1');

/** As `ip -j address` shows one address. */
function showing(local: string, tentative: boolean) {
  const entry = { family: 'inet6', local, prefixlen: 64, ...(tentative ? { tentative: true } : {}) };
  const decoded = decodeInterfaces(JSON.stringify([{ ifname: 'eth0', flags: ['UP'], addr_info: [entry] }]));
  if (!decoded.ok) throw new Error(decoded.error);
  return decoded.value;
}

test('what is waited for are the addresses of both routers, for any of them would do', () => {
  expect(awaitedAddress(both, [])).toBe('2001:db8::1 or 2001:db8::2');
  expect(awaitedAddress(configuration('primary = 10.1.0.1'), [])).toBe('10.1.0.1');
});

test('a tentative address is not there yet, and is named', () => {
  expect(awaitedAddress(both, showing('2001:db8::2', true))).toBe('2001:db8::2, which is tentative');
  expect(awaitedAddress(both, showing('2001:db8::2', false))).toBe('2001:db8::1 or 2001:db8::2');
});
