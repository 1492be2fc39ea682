// Field types that several messages share.
import type { Millis, Port } from '@piranha/domain';
import { asPort, milliseconds, parseIpAddress, parseMacAddress } from '@piranha/domain';
import * as v from 'valibot';

/** Text that a parser of the domain understands, as what it makes of it. */
const parsed = <T>(parse: (text: string) => T | undefined, problem: string) =>
  v.pipe(
    v.string(),
    v.rawTransform(({ dataset, addIssue, NEVER }): T => {
      const value = parse(dataset.value);
      if (value !== undefined) return value;
      addIssue({ message: problem });
      return NEVER;
    }),
  );

/** An address in canonical spelling. */
export const addressField = parsed(parseIpAddress, 'not an IP address');

/** A hardware address. */
export const macField = parsed(parseMacAddress, 'not a hardware address');

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

/** JSON can say 1e999, which no message means and no line can say again. */
export const finiteField = v.pipe(v.number(), v.finite());

/** The pair's term: 32 bits without a sign. */
export const termField = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 32 - 1));

/** How grave a log line is; the names of syslog (RFC 5424, table 2) that the suite uses. */
export const levelField = v.picklist(['error', 'warning', 'notice', 'info', 'debug']);
