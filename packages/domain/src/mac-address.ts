// Ethernet hardware addresses.
import type { Brand } from './brand.ts';

/** A 48-bit hardware address as 12 lower-case hexadecimal digits without separators. */
export type MacAddress = Brand<string, 'MacAddress'>;

const pattern = /^([0-9a-f]{2}:?){5}[0-9a-f]{2}$/i;

/** Reads 12 hexadecimal digits, with or without a colon after each pair; undefined for anything else. */
export const parseMacAddress = (text: string): MacAddress | undefined =>
  pattern.test(text) ? (text.replaceAll(':', '').toLowerCase() as MacAddress) : undefined;

/** The destination that every station of an Ethernet listens to. */
export const broadcastMac = 'ffffffffffff' as MacAddress;

/** A hardware address as its six bytes. */
export const macBytes = (mac: MacAddress): readonly number[] =>
  (mac.match(/[0-9a-f]{2}/gi) ?? []).map((pair) => parseInt(pair, 16));

/** Six bytes as a hardware address. */
export const macFromBytes = (bytes: readonly number[]): MacAddress =>
  bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('') as MacAddress;

/** As people write it, with colons. */
export const formatMac = (mac: MacAddress): string => mac.match(/../g)?.join(':') ?? mac;
