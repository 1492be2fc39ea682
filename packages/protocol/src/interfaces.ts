// What `ip -j address` prints: the machine's network interfaces and their addresses.
import type { IpAddress, MacAddress, Outcome } from '@piranha/domain';
import { parseIpAddress, parseMacAddress } from '@piranha/domain';
import * as v from 'valibot';
import { decodeValue } from './json.ts';

const forever = 2 ** 32 - 1;

const schema = v.array(
  v.object({
    ifindex: v.optional(v.number()),
    ifname: v.string(),
    master: v.optional(v.string()),
    flags: v.array(v.string()),
    /** Hardware address; devices other than Ethernet have none or one of another shape. */
    address: v.optional(v.string(), ''),
    addr_info: v.array(
      v.object({
        local: v.optional(v.string(), ''),
        prefixlen: v.optional(v.number(), 0),
        /** IPv6: whether another station has it is not known yet, or it has. */
        tentative: v.optional(v.boolean(), false),
        broadcast: v.optional(v.string(), ''),
        scope: v.optional(v.string(), ''),
        label: v.optional(v.string()),
        secondary: v.optional(v.boolean(), false),
        deprecated: v.optional(v.boolean(), false),
        noprefixroute: v.optional(v.boolean(), false),
        /** In s; the highest number there is means forever. */
        valid_life_time: v.optional(v.number(), forever),
        preferred_life_time: v.optional(v.number(), forever),
      }),
    ),
  }),
);

/** One address as it stands on an interface. */
export type InterfaceAddress = {
  readonly address: IpAddress;
  readonly prefix: number;
  /** The kernel takes it away by itself some day unless its time is renewed. */
  readonly expires: boolean;
  /** IPv6: it cannot be used yet. */
  readonly tentative?: true;
  /** The device, maybe with an alias suffix; IPv6 addresses have none. */
  readonly label?: string;
  /** IPv4 only: another address of the same network on the device came before, and its end may be the end of this one. */
  readonly secondary?: true;
  /** Good for connections that stand; no new ones begin from it. */
  readonly deprecated?: true;
  /** No route to its network came with it. */
  readonly noPrefixRoute?: true;
  readonly broadcast?: IpAddress;
  readonly scope?: string;
  /** In s, where it expires. */
  readonly lifetimes?: { readonly valid: number; readonly preferred: number };
};

/** One network interface. */
export type Interface = {
  readonly name: string;
  /** The kernel's number for it, which it keeps under another name; left out where `ip` does not tell. */
  readonly index?: number;
  /** The device that it belongs to: a bridge, a bond, a VRF. */
  readonly master?: string;
  readonly loopback?: true;
  /** Neighbours cannot ask for addresses on it. */
  readonly noArp?: true;
  /** Switched on by the administrator. */
  readonly up: boolean;
  /** Switched on, and frames pass: there is a carrier, below it too. */
  readonly running: boolean;
  /** Undefined on a device that has no Ethernet address. */
  readonly mac: MacAddress | undefined;
  readonly addresses: readonly InterfaceAddress[];
};

type Shown = v.InferOutput<typeof schema>[number]['addr_info'][number];

const addressesOf = (infos: readonly Shown[]): InterfaceAddress[] =>
  infos.flatMap((entry) => {
    const address = parseIpAddress(entry.local);
    if (address === undefined) return [];
    const expires = entry.valid_life_time < forever;
    return [{ address, prefix: entry.prefixlen, expires, ...particulars(entry, expires) }];
  });

/** What only some addresses have. */
function particulars(entry: Shown, expires: boolean): Omit<InterfaceAddress, 'address' | 'prefix' | 'expires'> {
  const broadcast = parseIpAddress(entry.broadcast);
  const lifetimes = { valid: entry.valid_life_time, preferred: entry.preferred_life_time };
  return {
    ...(entry.tentative ? { tentative: true } : {}),
    ...(entry.label === undefined ? {} : { label: entry.label }),
    ...(entry.secondary ? { secondary: true } : {}),
    ...(entry.deprecated ? { deprecated: true } : {}),
    ...(entry.noprefixroute ? { noPrefixRoute: true } : {}),
    ...(broadcast === undefined ? {} : { broadcast }),
    ...(entry.scope === '' ? {} : { scope: entry.scope }),
    ...(expires ? { lifetimes } : {}),
  };
}

/**
 * The flags say the same of every kind of device: a VLAN, a bond and a veth follow what is below them, and one that knows
 * no carrier (dummy, tunnels) always has LOWER_UP. `ip` adds NO-CARRIER also where a carrier is there but frames have to
 * wait (802.1X); `operstate` tells less: it is UNKNOWN for many good devices.
 */
const isRunning = (flags: readonly string[]): boolean =>
  flags.includes('UP') && flags.includes('LOWER_UP') && !flags.includes('NO-CARRIER');

/** Reads one line of `ip -j address`; the error says what is wrong with it. */
export function decodeInterfaces(line: string): Outcome<readonly Interface[], string> {
  const decoded = decodeValue(schema, line);
  if (!decoded.ok) return decoded;
  const interfaces = decoded.value.map((device) => ({
    name: device.ifname,
    ...(device.master === undefined ? {} : { master: device.master }),
    ...(device.ifindex === undefined ? {} : { index: device.ifindex }),
    ...(device.flags.includes('LOOPBACK') ? { loopback: true as const } : {}),
    ...(device.flags.includes('NOARP') ? { noArp: true as const } : {}),
    up: device.flags.includes('UP'),
    running: isRunning(device.flags),
    mac: parseMacAddress(device.address),
    addresses: addressesOf(device.addr_info),
  }));
  return { ok: true, value: interfaces };
}
