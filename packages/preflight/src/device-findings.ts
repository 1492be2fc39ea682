// This machine's addresses and interfaces.
import type { Configuration } from '@piranha/config';
import { baseDevice } from '@piranha/domain';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';
import { activeVirtuals } from './subjects.ts';

export function deviceFindings(configuration: Configuration, { interfaces }: Facts): readonly Finding[] {
  if (!interfaces.ok) return [];
  const uses = usesOf(configuration);
  const devices = [...new Set(uses.map((use) => use.device))];
  return [
    ...devices.flatMap((device) => {
      const what = uses.filter((use) => use.device === device).map((use) => use.what);
      return stateOf(device, what, interfaces.value);
    }),
    ...publicSync(configuration, interfaces.value),
  ];
}

/** The floating addresses and where they are to be. */
const usesOf = (configuration: Configuration): readonly { readonly device: string; readonly what: string }[] => [
  ...activeVirtuals(configuration).map(({ name, vip }) => ({
    device: baseDevice(vip.device),
    what: `the address of virtual server ${name}`,
  })),
  ...(configuration.natRouter === undefined
    ? []
    : [{ device: baseDevice(configuration.natRouter.device), what: 'nat_router' }]),
  ...(configuration.syncDaemon === undefined ? [] : [{ device: configuration.syncDaemon.device, what: 'syncd_iface' }]),
];

type Interfaces = Extract<Facts['interfaces'], { readonly ok: true }>['value'];

function stateOf(device: string, what: readonly string[], interfaces: Interfaces): readonly Finding[] {
  const found = interfaces.find((each) => each.name === device);
  // One that is missing is judged with the file.
  if (found === undefined || found.up) return [];
  const more = what.length > 1 ? ` and ${what.length - 1} more` : '';
  const carries = `${what[0] ?? ''}${more}`;
  return [
    finding('device-down', `interface ${device} is down, and ${carries} belongs on it`, `ip link set ${device} up`),
  ];
}

/** What the kernels tell each other of connections is not protected: clients should not be in that network. */
function publicSync(configuration: Configuration, interfaces: Interfaces): readonly Finding[] {
  const { syncDaemon, backupActive, primary, backup } = configuration;
  if (syncDaemon === undefined || !backupActive) return [];
  const { device } = syncDaemon;
  const addresses = interfaces.find((each) => each.name === device)?.addresses.map((entry) => entry.address) ?? [];
  const carriesVip = activeVirtuals(configuration).some(({ vip }) => baseDevice(vip.device) === device);
  if (!carriesVip && !addresses.some((address) => address === primary || address === backup)) return [];
  const message = `the kernels tell each other of connections over ${device}, in the public network: neither signed nor encrypted`;
  return [finding('sync-public', message, 'syncd_iface names an interface of the private network')];
}
