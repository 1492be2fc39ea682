// What is said and asked of an address, by its family: ARP for IPv4, neighbour discovery for IPv6.
import type { IpFamily, MacAddress } from '@piranha/domain';
import { familyOf } from '@piranha/domain';
import type { WantedFrames } from '@piranha/libc';
import type { Binding } from './frame.ts';
import { arpClaim, probeFrame, replyFrame, requestFrame } from './frame.ts';
import { advertisementBytes, advertisementClaim, advertisementFrame, solicitationFrame } from './neighbour.ts';

/** Whether the kernel forwards IPv6 packets that come in on a device. */
export type Forwards = (device: string) => boolean;

/** To whom, out of which device, and in how many forms. */
export type Manner = { readonly device: string; readonly destination: MacAddress; readonly both: boolean };

/** The frames that announce a binding once. IPv6 has one form of it. */
export function announcementFrames(binding: Binding, { device, destination, both }: Manner, forwards: Forwards) {
  if (familyOf(binding.address) === 6) return [advertisementFrame(binding, destination, forwards(device))];
  const reply = replyFrame(binding, destination);
  return both ? [requestFrame(binding), reply] : [reply];
}

/** The frame that asks whether anybody has the address already. */
export const questionFrame = (binding: Binding): Uint8Array =>
  familyOf(binding.address) === 6 ? solicitationFrame(binding) : probeFrame(binding);

/** The frames that answer such a question. */
export const answers: Readonly<Record<IpFamily, WantedFrames>> = {
  4: { etherType: 0x0806, bytes: [] },
  6: { etherType: 0x86dd, bytes: advertisementBytes },
};

/** What a frame of that family says of its sender; undefined where it says nothing, or is none. */
export const readClaim = (family: IpFamily, frame: Uint8Array): Binding | undefined =>
  family === 6 ? advertisementClaim(frame) : arpClaim(frame);
