// Field types that several messages share.
import type { IpAddress, MacAddress, Millis, Port } from '@piranha/domain';
import { asPort, milliseconds, parseIpAddress, parseMacAddress } from '@piranha/domain';
import * as v from 'valibot';

/** An address in canonical spelling. */
export const addressField = v.pipe(
  v.string(),
  v.check((text) => parseIpAddress(text) !== undefined, 'not an IP address'),
  v.transform((text) => text as IpAddress),
);

/** A port, 0 to 65535. */
export const portField = v.pipe(
  v.number(),
  v.check((count) => asPort(count) !== undefined, 'not a port'),
  v.transform((count) => count as Port),
);

/** A length of time in milliseconds, more than nothing. */
export const millisField = v.pipe(
  v.number(),
  v.finite(),
  v.gtValue(0),
  v.transform((count): Millis => milliseconds(count)),
);

/** A hardware address. */
export const macField = v.pipe(
  v.string(),
  v.check((text) => parseMacAddress(text) !== undefined, 'not a hardware address'),
  v.transform((text) => text as MacAddress),
);

/** How grave a log line is; the names of syslog (RFC 5424, table 2) that the suite uses. */
export const levelField = v.picklist(['error', 'warning', 'notice', 'info', 'debug']);
