// Warns of what on this machine stands in the way of the configuration. Nobody waits for it, and it can stop nothing.
import type { Configuration } from '@piranha/config';
import type { Logger } from '@piranha/logging';
import type { Facts } from '@piranha/preflight';
import { findings, gatherFacts, unchecked } from '@piranha/preflight';
import { explain, inTurn } from '@piranha/runtime';

/** A start or a reload has enough to do by itself for so long (ms). */
const pause = 1000;

/** Asks for a look, soon; asked several times meanwhile there is one, with the last configuration. */
export type LookAtMachine = (configuration: Configuration) => void;

/** Warnings are logged when they are new. */
export function lookAtMachine(
  log: Logger,
  gather: (configuration: Configuration) => Promise<Facts> = gatherFacts,
): LookAtMachine {
  const oneByOne = inTurn();
  let known: ReadonlySet<string> = new Set();
  let latest: Configuration | undefined;
  let waiting = false;

  const look = async (configuration: Configuration): Promise<void> => {
    const facts = await gather(configuration);
    const found = findings(configuration, facts);
    for (const { code, message, hint } of found) if (!known.has(message)) log.warning(message, { code, hint });
    known = new Set(found.map((each) => each.message));
    const unknown = unchecked(configuration, facts).map(({ what, reason }) => `${what}: ${reason}`);
    log.debug('the machine was looked at', { findings: found.length, unknown: unknown.join('; ') });
  };

  const lookSoon = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, pause).unref());
    waiting = false;
    try {
      if (latest !== undefined) await look(latest);
    } catch (error) {
      log.error('the machine could not be looked at', { problem: explain(error) });
    }
  };

  return (configuration) => {
    latest = configuration;
    if (waiting) return;
    waiting = true;
    void oneByOne(lookSoon);
  };
}
