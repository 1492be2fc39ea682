import { expect, test } from '@jest/globals';
import { configurationFromText } from '@piranha/config';
import type { IpAddress } from '@piranha/domain';
import { pair } from './fake-file.ts';
import { somebodyServes } from './left-behind.ts';

const loaded = configurationFromText('f', `${pair}virtual v {\nactive = 1\naddress = 10.1.0.100 eth0:1\n}\n`, {});

const eth0 = (...addresses: readonly string[]) => ({
  ...{ name: 'eth0', up: true, running: true, mac: undefined },
  addresses: addresses.map((address) => ({ address: address as IpAddress, prefix: 32, expires: false })),
});

test.each([
  ['an lvs lives', 1, [], undefined, true],
  ['the address stands and its owner spoke a moment ago', 0, ['10.1.0.100'], { term: 3, held: false }, true],
  ['the address stands', 0, ['10.1.0.100'], undefined, false],
  ['the owner spoke a moment ago', 0, [], { term: 3, held: false }, false],
])('%s', (_, living, addresses, owned, serves) => {
  if (!loaded.ok) throw new Error('refused');
  const found = somebodyServes(
    loaded.value.configuration,
    [eth0('10.1.0.2', ...addresses)],
    { recall: () => owned },
    () => new Array<number>(living).fill(1),
  );
  expect(found).toBe(serves);
});
