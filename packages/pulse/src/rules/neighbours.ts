// By which way and from how near a heartbeat must have come (docs/pair.md, "Which datagrams count"). Pure.
import type { IpAddress } from '@piranha/domain';
import { isInNetwork } from '@piranha/domain';
import type { TtlRule } from '@piranha/libc';
import type { Interface } from '@piranha/protocol';
import { nearFlag } from '@piranha/protocol';
import type { Channel } from '../state-parts.ts';

/** Where our end of a channel is. */
export type Ground = {
  /** The kernel's numbers of the devices that have its address, and of what these belong to. */
  readonly devices: readonly number[];
  /** Whether the partner's end is in a network of that device, with no router between. */
  readonly shared: boolean;
};

/** Every datagram of ours is sent with it; each router on the way takes one off (RFC 5082). */
export const fullTtl = 255;

/** What Linux sends where nobody has said otherwise: an original router does, and earlier versions. */
const usualTtl = 64;

/** Before the machine was looked at: nothing is refused for what is not known. */
export const unknownGround: Ground = { devices: [], shared: false };

/** Finds it among the machine's interfaces. */
export function groundOf({ own, partner }: Channel, interfaces: readonly Interface[]): Ground {
  const carriers = interfaces.filter(({ addresses }) => addresses.some(({ address }) => address === own));
  const masters = new Set(carriers.map(({ master }) => master));
  const devices = [...carriers, ...interfaces.filter(({ name }) => masters.has(name))].flatMap(
    ({ index }) => index ?? [],
  );
  return { devices: [...new Set(devices)], shared: carriers.some((device) => reaches(device, own, partner)) };
}

const reaches = ({ addresses }: Interface, own: IpAddress, partner: IpAddress): boolean =>
  addresses.some(({ address, prefix }) => address === own && isInNetwork(partner, address, prefix));

/**
 * `asked` is heartbeat_ttl. Without it a partner in the same network has to be a neighbour: at once where it says that it
 * sends so, in every datagram once it has said so (`known`).
 */
export function ttlRule(asked: number | undefined, { shared }: Ground, known: boolean): TtlRule {
  if (asked !== undefined) return { least: asked };
  if (!shared) return { least: 0 };
  return known ? { least: fullTtl } : { least: fullTtl, without: { ...nearFlag, least: usualTtl } };
}

/** The devices by which a datagram may come in; none where it may come by any. */
export const waysIn = (asked: number | undefined, { devices, shared }: Ground): readonly number[] =>
  shared && (asked ?? fullTtl) === fullTtl ? devices : [];
