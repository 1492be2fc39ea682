// What on this machine stands in the way of a configuration: the part of `lvsctl check` that looks around.
import type { Configuration } from '@piranha/config';
import type { Finding, Unchecked } from '@piranha/preflight';
import { findings, gatherFacts, unchecked } from '@piranha/preflight';

/** What was found, and what could not be looked at. */
export type SystemCheck = { readonly findings: readonly Finding[]; readonly unchecked: readonly Unchecked[] };

/** Looks at the machine; changes nothing. */
export async function checkSystem(configuration: Configuration): Promise<SystemCheck> {
  const facts = await gatherFacts(configuration);
  return { findings: findings(configuration, facts), unchecked: unchecked(configuration, facts) };
}

/** One line each. */
export const describeSystem = ({ findings: found, unchecked: unknown }: SystemCheck): readonly string[] => [
  ...found.map(({ severity, message, hint }) => `this machine: ${severity}: ${message} (${hint})`),
  ...unknown.map(({ what, reason }) => `this machine: not looked at: ${what}: ${reason}`),
  ...(found.length + unknown.length === 0 ? ['this machine: nothing else stands in the way'] : []),
];
