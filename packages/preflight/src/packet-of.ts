// A packet for tests.
import { asPort, familyOf, parseIpAddress } from '@piranha/domain';
import type { Packet, TrackState } from './match.ts';

/** Throws where an address or the port is none. */
export function packetOf(
  from: string,
  to: string,
  number: number,
  device: string | undefined,
  states: readonly TrackState[],
): Packet {
  const [source, destination, port] = [parseIpAddress(from), parseIpAddress(to), asPort(number)];
  if (source === undefined || destination === undefined || port === undefined) throw new Error('no packet');
  return { family: familyOf(source), source, destination, port, device, states };
}
