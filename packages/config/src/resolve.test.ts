import { expect, test } from '@jest/globals';
import type { IpAddress } from '@piranha/domain';
import { parseIpAddress } from '@piranha/domain';
import type { Configuration } from './configuration.ts';
import { parseConfiguration } from './parse-configuration.ts';
import { withAddresses } from './resolve.ts';

const text = `
primary = lb1
backup = 10.0.0.2
virtual web {
  active = 1
  address = www eth0:1
  sorry_server = sorry
  server a {
    active = 1
    address = sorry
  }
  server b {
    address = retired
  }
}
virtual draft {
  address = nowhere eth0:2
}
`;

const address = (value: string): IpAddress => parseIpAddress(value) ?? ('not an address' as IpAddress);
const names = { lb1: address('10.0.0.1'), www: address('10.1.0.1'), sorry: address('10.2.0.1') };

function resolved(source: string, known: Readonly<Record<string, IpAddress>>): Configuration | undefined {
  const { configuration } = parseConfiguration(source);
  return configuration && withAddresses(configuration, known);
}

test('every host name of what is active is to be looked up once, with all its places', () => {
  expect(parseConfiguration(text).hosts).toEqual([
    { name: 'lb1', places: [{ line: 2, column: 11 }], essential: true, idle: false },
    { name: 'www', places: [{ line: 6, column: 13 }], essential: false, idle: false },
    {
      name: 'sorry',
      places: [
        { line: 7, column: 18 },
        { line: 10, column: 15 },
      ],
      essential: false,
      idle: false,
    },
  ]);
});

test('names become addresses; what is inactive and has only a name gets none', () => {
  expect(resolved(text, names)).toMatchObject({
    primary: '10.0.0.1',
    backup: '10.0.0.2',
    virtualServers: [
      {
        vip: { address: '10.1.0.1' },
        sorryServer: '10.2.0.1',
        servers: [{ address: '10.2.0.1' }, { address: '0.0.0.0' }],
      },
      { vip: { address: '0.0.0.0' } },
    ],
  });
});

test('a name that is missing is a bug of the caller', () => {
  expect(() => resolved(text, {})).toThrow('lb1 was not looked up');
});

test('names of things that every object has are names like others', () => {
  expect(() => resolved('primary = constructor', {})).toThrow('constructor was not looked up');
});

test('there is no private channel where its name turns out to be the public address', () => {
  const channel = 'primary = 10.0.0.1\nbackup = 10.0.0.2\nprimary_private = lb1\nbackup_private = 10.9.0.2\n';
  expect(resolved(channel, names)?.privateChannel).toBeUndefined();
  expect(resolved(channel, { lb1: address('10.9.0.1') })?.privateChannel).toEqual({
    primary: '10.9.0.1',
    backup: '10.9.0.2',
  });
});
