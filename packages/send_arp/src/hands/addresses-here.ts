// Which addresses this machine has at this moment, as its kernel says.
import { networkInterfaces } from 'node:os';
import type { IpAddress, Outcome } from '@piranha/domain';
import { baseDevice, failure, parseIpAddress, success } from '@piranha/domain';

/** By device; a device without a carrier is not among them: nothing could be said on it. */
export type AddressesHere = ReadonlyMap<string, ReadonlySet<IpAddress>>;

/**
 * Reads them. An IPv4 address is listed under its label, which begins with the name of its device. The error is the
 * system's reason: without a free descriptor the kernel cannot be asked.
 */
export function addressesHere(): Outcome<AddressesHere, string> {
  try {
    return success(read());
  } catch (error) {
    return failure(String(error));
  }
}

function read(): AddressesHere {
  const found = new Map<string, Set<IpAddress>>();
  for (const [label, entries = []] of Object.entries(networkInterfaces())) {
    const device = baseDevice(label);
    const addresses = found.get(device) ?? new Set();
    for (const entry of entries) {
      const address = parseIpAddress(entry.address);
      if (address !== undefined) addresses.add(address);
    }
    found.set(device, addresses);
  }
  return found;
}
