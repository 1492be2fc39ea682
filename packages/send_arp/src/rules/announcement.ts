// The four words of the command line, checked: whose address is announced, and to whom.
import type { IpAddress, MacAddress, Outcome } from '@piranha/domain';
import {
  failure,
  isMulticast,
  isUnspecified,
  mappedIpv4,
  parseIpAddress,
  parseMacAddress,
  success,
} from '@piranha/domain';
import type { Binding } from './frame.ts';

/** What is announced, and the station or stations that it is told to. */
export type Announcement = { readonly binding: Binding; readonly destination: MacAddress };

/** Finds the IPv4 address of a host name; undefined where there is none. */
export type LookUp = (name: string) => Promise<IpAddress | undefined>;

/** Checks the words; a host name is looked up last. The error says which word is wrong. */
export async function readAnnouncement(
  [sourceIp, sourceMac, targetIp, targetMac]: readonly [string, string, string, string],
  lookUp: LookUp,
): Promise<Outcome<Announcement, string>> {
  const mac = readMac('SRC_MAC', sourceMac);
  if (!mac.ok) return mac;
  const destination = readMac('TARGET_MAC', targetMac);
  if (!destination.ok) return destination;
  const unused = readHost('TARGET_IP', targetIp);
  if (!unused.ok) return unused;
  const address = await findAddress(sourceIp, lookUp);
  if (!address.ok) return address;
  return success({ binding: { address: address.value, mac: mac.value }, destination: destination.value });
}

function readMac(name: string, text: string): Outcome<MacAddress, string> {
  const mac = parseMacAddress(text);
  return mac === undefined ? failure(`${name} ${JSON.stringify(text)} is not a hardware address`) : success(mac);
}

/** An address, or a name that may have one. */
type Host =
  { readonly type: 'address'; readonly address: IpAddress } | { readonly type: 'name'; readonly name: string };

function readHost(name: string, text: string): Outcome<Host, string> {
  const address = parseIpAddress(text);
  if (address !== undefined) return success({ type: 'address', address });
  if (isHostName(text)) return success({ type: 'name', name: text });
  return failure(`${name} ${JSON.stringify(text)} is neither an IP address nor a host name`);
}

async function findAddress(text: string, lookUp: LookUp): Promise<Outcome<IpAddress, string>> {
  const host = readHost('SRC_IP', text);
  if (!host.ok) return host;
  const address = host.value.type === 'address' ? host.value.address : await lookUp(host.value.name);
  if (address === undefined) return failure(`unknown host ${text}`);
  if (isUnspecified(address) || isMulticast(address) || isNeverOnALink(address)) {
    return failure(`SRC_IP ${address} is not an address that a host can have`);
  }
  return success(address);
}

/** An IPv4 address within an IPv6 one stands for itself inside a machine only. */
const isNeverOnALink = (address: IpAddress): boolean =>
  address === '255.255.255.255' || mappedIpv4(address) !== undefined;

/**
 * Whether the text can be a host name. The last label of one is no number (RFC 1123, 2.1): so `10.1` and `0x0a000001`,
 * which the system's resolver would take for addresses, are not looked up.
 */
function isHostName(text: string): boolean {
  const labels = text.replace(/\.$/, '').split('.');
  const isLabel = (label: string): boolean => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label);
  return text.length <= 254 && labels.every(isLabel) && !/^(\d+|0x[0-9a-f]*)$/i.test(labels.at(-1) ?? '');
}
