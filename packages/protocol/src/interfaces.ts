// What `ip -j address` prints: the machine's network interfaces and their addresses.
import type { IpAddress, MacAddress, Outcome } from '@piranha/domain';
import { parseIpAddress, parseMacAddress } from '@piranha/domain';
import * as v from 'valibot';
import { decodeValue } from './json.ts';

const forever = 2 ** 32 - 1;

const schema = v.array(
  v.object({
    ifname: v.string(),
    flags: v.array(v.string()),
    /** Hardware address; devices other than Ethernet have none or one of another shape. */
    address: v.optional(v.string(), ''),
    addr_info: v.array(
      v.object({
        local: v.optional(v.string(), ''),
        prefixlen: v.optional(v.number(), 0),
        /** IPv6: whether another station has it is not known yet, or it has. */
        tentative: v.optional(v.boolean(), false),
        /** In s; the highest number there is means forever. */
        valid_life_time: v.optional(v.number(), forever),
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
};

/** One network interface. */
export type Interface = {
  readonly name: string;
  /** Switched on by the administrator. */
  readonly up: boolean;
  /** Switched on, and frames pass: there is a carrier, below it too. */
  readonly running: boolean;
  /** Undefined on a device that has no Ethernet address. */
  readonly mac: MacAddress | undefined;
  readonly addresses: readonly InterfaceAddress[];
};

const addressesOf = (infos: v.InferOutput<typeof schema>[number]['addr_info']): InterfaceAddress[] =>
  infos.flatMap((entry) => {
    const address = parseIpAddress(entry.local);
    return address === undefined
      ? []
      : [
          {
            ...{ address, prefix: entry.prefixlen, expires: entry.valid_life_time < forever },
            ...(entry.tentative ? { tentative: true as const } : {}),
          },
        ];
  });

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
    up: device.flags.includes('UP'),
    running: isRunning(device.flags),
    mac: parseMacAddress(device.address),
    addresses: addressesOf(device.addr_info),
  }));
  return { ok: true, value: interfaces };
}
