// From the configuration and this machine's addresses to what the rules of the pair need.
import type { Configuration, LoadedConfiguration } from '@piranha/config';
import { floatingAddresses } from '@piranha/config';
import type { Millis } from '@piranha/domain';
import { baseDevice, milliseconds, seconds } from '@piranha/domain';
import { connectionLife } from './connections.ts';
import type { PulseSettings } from '../state.ts';
import type { Carrier, Channel } from '../state-parts.ts';

/** Without hot standby nannies have to start and judge every server first: some time for that. */
const coldReadyLimit = seconds(3);

/** The heartbeat's ways, public first; none without a partner. */
export function channelsOf(configuration: Configuration, role: 'primary' | 'backup'): readonly Channel[] {
  const { primary, backup, privateChannel, backupActive } = configuration;
  if (!backupActive || primary === undefined || backup === undefined) return [];
  const channel = (name: Channel['name'], ends: NonNullable<Configuration['privateChannel']>): Channel =>
    role === 'primary'
      ? { name, own: ends.primary, partner: ends.backup }
      : { name, own: ends.backup, partner: ends.primary };
  const both = [channel('public', { primary, backup })];
  return privateChannel === undefined ? both : [...both, channel('private', privateChannel)];
}

const readyLimit = ({ hotStandby, keepalive }: Configuration): Millis =>
  hotStandby ? keepalive : milliseconds(Math.max(keepalive, coldReadyLimit));

/** The devices of floating addresses. */
function carriersOf(configuration: Configuration): readonly Carrier[] {
  const addresses = floatingAddresses(configuration);
  const virtual = addresses.filter(({ address }) => address !== configuration.natRouter?.address);
  const devicesOf = (some: typeof addresses) => new Set(some.map(({ device }) => baseDevice(device)));
  const serving = devicesOf(virtual);
  return [...devicesOf(addresses)].map((device) => ({ device, serves: serving.has(device) }));
}

/** What step needs to know. */
export function pulseSettings(
  { configuration, digest }: Pick<LoadedConfiguration, 'configuration' | 'digest'>,
  role: 'primary' | 'backup',
): PulseSettings {
  const channels = channelsOf(configuration, role);
  return {
    role,
    digest,
    channels,
    hasPartner: channels.length > 0,
    keepalive: configuration.keepalive,
    deadtime: configuration.deadtime,
    hotStandby: configuration.hotStandby,
    readyLimit: readyLimit(configuration),
    auth: configuration.heartbeatAuth,
    failback: configuration.failback,
    failbackDelay: configuration.failbackDelay,
    monitorLinks: configuration.monitorLinks,
    carriers: carriersOf(configuration),
    addresses: floatingAddresses(configuration),
    arpRefresh: configuration.arpRefresh,
    syncDaemon: configuration.syncDaemon,
    connectionLife: connectionLife(configuration.timeouts.tcp),
  };
}
