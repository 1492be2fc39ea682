import { expect, test } from '@jest/globals';
import { configurationFromText } from '@piranha/config';
import type { LoadedConfiguration } from '@piranha/config';
import { pair } from '../testing/fake-file.ts';
import { channelsOf, pulseSettings } from './settings.ts';

const virtual = (name: string, address: string, more = '') => `virtual ${name} {
  active = 1
  address = ${address} eth0:1
  port = 80
  ${more}
  server one {
    address = 10.2.0.11
    active = 1
  }
}
`;

function load(text: string): LoadedConfiguration {
  const loaded = configurationFromText('lvs.cf', text, {});
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value;
}

const web = load(pair + virtual('web', '10.1.0.100'));

test('the heartbeat has a public and a private channel, each seen from this side', () => {
  expect(channelsOf(web.configuration, 'backup')).toEqual([
    { name: 'public', own: '10.1.0.3', partner: '10.1.0.2' },
    { name: 'private', own: '10.2.0.3', partner: '10.2.0.2' },
  ]);
});

test('without an active backup there is no channel and no partner', () => {
  const alone = load(pair.replace('backup_active = 1', 'backup_active = 0') + virtual('web', '10.1.0.100'));
  expect(channelsOf(alone.configuration, 'primary')).toEqual([]);
  expect(pulseSettings(alone, 'primary').hasPartner).toBe(false);
});

test('an address of several virtual servers floats once', () => {
  const twice = load(
    `${pair}${virtual('http', '10.1.0.100')}${virtual('https', '10.1.0.100', 'fwmark = 5')}${virtual('mail', '10.1.0.101')}`,
  );
  expect(pulseSettings(twice, 'primary').addresses.map((each) => each.address)).toEqual(['10.1.0.100', '10.1.0.101']);
});

test.each([
  ['nat', ['10.1.0.100', '10.2.0.1']],
  ['direct', ['10.1.0.100']],
])('with network = %s these addresses float: %j', (network, addresses) => {
  const text = `${pair}network = ${network}\nnat_router = 10.2.0.1 eth1:1\n${virtual('web', '10.1.0.100')}`;
  expect(pulseSettings(load(text), 'primary').addresses.map((each) => each.address)).toEqual(addresses);
});

test('a cold standby gets at least 3 seconds for its table, a hot one a keepalive', () => {
  const hot = load(`${pair}hot_standby = 1\n${virtual('web', '10.1.0.100')}`);
  expect([pulseSettings(web, 'primary').readyLimit, pulseSettings(hot, 'primary').readyLimit]).toEqual([3000, 1000]);
});

test('the devices of floating addresses are told from each other by what stands on them', () => {
  const there = virtual('mail', '10.1.5.100').replace('eth0:1', 'eth5:3');
  const inside = `network = nat\nnat_router = 10.2.0.1 eth1:1\n`;
  expect(pulseSettings(load(pair + inside + virtual('web', '10.1.0.100') + there), 'primary').carriers).toEqual([
    { device: 'eth0', serves: true },
    { device: 'eth5', serves: true },
    { device: 'eth1', serves: false },
  ]);
});
