// What lvs.cf says in the simulated pair, and what it means to one of its routers.
import { configurationFromText, floatingAddresses } from '@piranha/config';
import type { LoadedConfiguration } from '@piranha/config';
import { milliseconds, parseIpAddress, seconds } from '@piranha/domain';
import type { IpAddress } from '@piranha/domain';
import type { PulseSettings } from '@piranha/pulse/step';
import type { Channel, Pace, Schedule, Side } from './schedule.ts';

const addressOf = (text: string): IpAddress => {
  const address = parseIpAddress(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return address;
};

/** The file that both routers have. */
function fileOf({ hotStandby, privateChannel }: Schedule, { keepalive, deadtime }: Pace): string {
  const server = (name: string, last: number): string =>
    `server ${name} {\n active = 1\n address = 10.0.1.${last}\n }\n`;
  return [
    'primary = 10.0.0.1',
    'backup = 10.0.0.2',
    'backup_active = 1',
    ...(privateChannel ? ['primary_private = 10.0.2.1', 'backup_private = 10.0.2.2'] : []),
    `keepalive = ${keepalive / 1000}`,
    `deadtime = ${deadtime / 1000}`,
    `hot_standby = ${hotStandby ? 1 : 0}`,
    'max_nannies = 1',
    `virtual web {\n active = 1\n address = 10.0.0.100 eth0:1\n port = 80\n timeout = 1\n ${server('one', 1)}${server('two', 2)}}`,
  ].join('\n');
}

const loadedFiles = new Map<string, LoadedConfiguration>();

/** Reading a file takes longer than many a simulation. `pace`: where it is not the schedule's. */
export function load(schedule: Schedule, pace: Pace = schedule): LoadedConfiguration {
  const text = fileOf(schedule, pace);
  const known = loadedFiles.get(text);
  if (known !== undefined) return known;
  const loaded = configurationFromText('lvs.cf', text, {});
  if (!loaded.ok) throw new Error(loaded.error.map(({ message }) => message).join('; '));
  loadedFiles.set(text, loaded.value);
  return loaded.value;
}

const failbackDelay = 10_000;

export function settingsOf(
  schedule: Schedule,
  side: Side,
  { configuration, digest }: LoadedConfiguration,
): PulseSettings {
  const last = side === 'primary' ? ([1, 2] as const) : ([2, 1] as const);
  const channel = (name: Channel, net: number) => ({
    name,
    own: addressOf(`10.0.${net}.${last[0]}`),
    partner: addressOf(`10.0.${net}.${last[1]}`),
  });
  return {
    role: side,
    hasPartner: true,
    channels: [channel('public', 0), ...(schedule.privateChannel ? [channel('private', 2)] : [])],
    keepalive: configuration.keepalive,
    deadtime: configuration.deadtime,
    hotStandby: schedule.hotStandby,
    readyLimit: milliseconds(schedule.hotStandby ? configuration.keepalive : Math.max(configuration.keepalive, 3000)),
    digest,
    auth: schedule.auth[side],
    failback: schedule.failback,
    failbackDelay: milliseconds(failbackDelay),
    monitorLinks: schedule.monitorLinks,
    carriers: [],
    addresses: floatingAddresses(configuration),
    arpRefresh: configuration.arpRefresh,
    syncDaemon: undefined,
    connectionLife: seconds(900),
  };
}
