// Changes of the table, and the text of each as `ipvsadm -R` reads it.
import { assertNever, endpoint, ipv4FromBytes } from '@piranha/domain';
import type { Destination, Service, ServiceIdentity } from './table.ts';

/** One change of the table. */
export type TableCommand =
  | { readonly type: 'add-service' | 'edit-service'; readonly service: Service }
  | { readonly type: 'delete-service'; readonly identity: ServiceIdentity }
  | {
      readonly type: 'add-destination' | 'edit-destination' | 'delete-destination';
      readonly identity: ServiceIdentity;
      readonly destination: Destination;
    };

/** One change as a line of `ipvsadm -R`, without line end. */
export function restoreLine(command: TableCommand): string {
  switch (command.type) {
    case 'add-service':
      return `-A ${identityWords(command.service.identity)} ${serviceWords(command.service)}`;
    case 'edit-service':
      return `-E ${identityWords(command.service.identity)} ${serviceWords(command.service)}`;
    case 'delete-service':
      return `-D ${identityWords(command.identity)}`;
    case 'add-destination':
      return `-a ${destinationLine(command)} ${destinationWords(command.destination)}`;
    case 'edit-destination':
      return `-e ${destinationLine(command)} ${destinationWords(command.destination)}`;
    case 'delete-destination':
      return `-d ${destinationLine(command)}`;
    default:
      return assertNever(command, 'table command');
  }
}

function identityWords(identity: ServiceIdentity): string {
  if (identity.type === 'fwmark') return `-f ${identity.mark}${identity.family === 6 ? ' -6' : ''}`;
  return `-${identity.type === 'tcp' ? 't' : 'u'} ${endpoint(identity.address, identity.port)}`;
}

/** Everything about a service but who it is and where it leads. */
export function serviceWords(service: Service): string {
  const { scheduler, persistent, persistentPrefix, schedulerFlags, onePacket, engine } = service;
  return [
    `-s ${scheduler}`,
    persistent === undefined ? '' : `-p ${persistent}`,
    persistentPrefix === undefined ? '' : `-M ${maskWord(service.identity, persistentPrefix)}`,
    engine === undefined ? '' : `--pe ${engine}`,
    schedulerFlags.length === 0 ? '' : `-b ${schedulerFlags.join(',')}`,
    onePacket ? '-o' : '',
  ]
    .filter((words) => words !== '')
    .join(' ');
}

function maskWord(identity: ServiceIdentity, prefix: number): string {
  if (isIpv6(identity)) return String(prefix);
  const bits = '1'.repeat(prefix).padEnd(32, '0');
  return ipv4FromBytes([0, 8, 16, 24].map((start) => parseInt(bits.slice(start, start + 8), 2)));
}

/** Whether a service is for IPv6 packets. */
export const isIpv6 = (identity: ServiceIdentity): boolean =>
  identity.type === 'fwmark' ? identity.family === 6 : identity.address.includes(':');

const destinationLine = (command: { identity: ServiceIdentity; destination: Destination }): string =>
  `${identityWords(command.identity)} -r ${endpoint(command.destination.address, command.destination.port)}`;

const methodLetters = { nat: 'm', direct: 'g', tunnel: 'i' } as const;

/** Everything about a destination but who it is. Thresholds must be said at each edit, or ipvsadm clears them. */
function destinationWords({ method, weight, thresholds, tunnel }: Destination): string {
  const { upper, lower } = thresholds ?? { upper: 0, lower: 0 };
  return [
    `-${methodLetters[method]}`,
    `-w ${weight}`,
    ...(upper === 0 ? [] : [`-x ${upper}`]),
    ...(lower === 0 ? [] : [`-y ${lower}`]),
    ...tunnel,
  ].join(' ');
}
