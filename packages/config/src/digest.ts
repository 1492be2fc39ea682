// A short fingerprint of a configuration: two routers with different ones warn.
import { createHash } from 'node:crypto';
import type { UnresolvedConfiguration } from './configuration.ts';

/** These may differ between the two routers of a pair. */
const local: readonly (keyof UnresolvedConfiguration)[] = [
  ...(['heartbeatKeyFile', 'heartbeatSecondKeyFile', 'heartbeatAuth', 'heartbeatTtl'] as const),
  ...(['notifyCommand', 'insecurePrograms', 'checkUser'] as const),
];

/** The first 8 bytes, as 16 hexadecimal digits, of SHA-256 of the configuration as JSON with sorted keys. */
export function digestOf(configuration: UnresolvedConfiguration): string {
  const shared = Object.fromEntries(
    Object.entries(configuration).filter(([key]) => !local.some((each) => each === key)),
  );
  return createHash('sha256').update(canonicalJson(shared)).digest('hex').slice(0, 16);
}

/** JSON in which equal values look equal: the keys of every object are sorted. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) => (isRecord(part) ? sorted(part) : part));

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const sorted = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
