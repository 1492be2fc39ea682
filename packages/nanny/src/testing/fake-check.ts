// A check of a real server as lvs orders it, and one run of it.
import type { IpAddress, Port } from '@piranha/domain';
import { milliseconds } from '@piranha/domain';
import type { Check, CheckParts } from '@piranha/protocol';
import { checkFrom } from '@piranha/protocol';
import { prepareProbe } from '../hands/probe.ts';

/** A connection is enough. */
const usualParts: CheckParts = {
  virtual: '10.1.0.100:80',
  address: '10.2.0.11' as IpAddress,
  port: 80 as Port,
  protocol: 'tcp',
  send: null,
  expect: null,
  useRegex: false,
  program: null,
  timeout: milliseconds(1000),
  fall: 1,
  rise: 1,
  load: null,
};

/** The same, but for some parts. */
export const checkWith = (changes: Partial<CheckParts>): Check => checkFrom({ ...usualParts, ...changes });

/** Checks once: the reason of a failure, or `good`. */
export async function checkOnce(check: Check, signal: AbortSignal = new AbortController().signal): Promise<string> {
  const probe = await prepareProbe(check);
  const result = probe.ok ? await probe.value(signal) : probe;
  return result.ok ? 'good' : result.error;
}
