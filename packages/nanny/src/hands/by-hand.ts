// A nanny on a terminal: one check, told in plain sentences.
import { endpoint, visible } from '@piranha/domain';
import { once } from 'node:events';
import type { Logger } from '@piranha/logging';
import { terminalLogger } from '@piranha/logging';
import type { Check } from '@piranha/protocol';
import { listenToSignals, version } from '@piranha/runtime';
import { isNotMade } from '../rules/check-result.ts';
import { troubleText } from '../rules/describe.ts';
import { terminating } from './terminating.ts';
import { giveUpRoot } from './give-up-root.ts';
import { handCheck, problemsOf } from './hand-check.ts';
import { startNanny } from './nanny.ts';
import { nannyCommand, readOptions } from './options.ts';
import type { Probe } from './probe.ts';
import { prepareProbe } from './probe.ts';

/** Exit status of `--once` for a server that is down. */
const downStatus = 2;
/** Exit status where the options ask for a check that can never succeed, or for a user that it cannot become. */
const refusedStatus = 1;

/** Runs as the options say; gives the exit status. */
export async function runByHand(args: readonly string[]): Promise<number> {
  const options = readOptions(nannyCommand(version('nanny')), args);
  const become = options.user === undefined ? undefined : await giveUpRoot(options.user);
  if (become?.ok === false) {
    process.stderr.write(`${visible(`error: --user: ${become.error}`)}\n`);
    return refusedStatus;
  }
  const { check, remarks } = handCheck(options);
  const probe = await prepareProbe(check);
  const problems = [...(await problemsOf(options, check)), ...(probe.ok ? [] : [probe.error])];
  if (problems.length > 0 || !probe.ok) {
    process.stderr.write(problems.map((problem) => `${visible(`error: ${problem}`)}\n`).join(''));
    return refusedStatus;
  }
  const log = terminalLogger('nanny', { verbose: options.verbose ?? false });
  for (const remark of remarks) log.info(remark);

  const ending = new AbortController();
  const end = (): void => {
    ending.abort();
  };
  process.stdout.once('error', end);
  const stopListening = listenToSignals({
    onStop: (name) => {
      log.info(terminating(name));
      end();
    },
    // The terminal is gone.
    onReload: end,
  });
  const { signal } = ending;
  const status = options.once ? await checkOnce(probe.value, check, log, signal) : await watch(check, log, signal);
  stopListening();
  await log.close();
  return status;
}

async function checkOnce(probe: Probe, check: Check, log: Logger, ending: AbortSignal): Promise<number> {
  const result = await probe(ending);
  if (ending.aborted) return 1;
  const server = endpoint(check.address, check.port);
  if (isNotMade(result)) {
    log.error(`${server} cannot be checked: ${result.error}`);
    return 1;
  }
  log.notice(result.ok ? `${server} is up` : `${server} is down: ${result.error}`);
  return result.ok ? 0 : downStatus;
}

async function watch(check: Check, log: Logger, ending: AbortSignal): Promise<number> {
  const nanny = startNanny({
    report: (message) => {
      // Verdicts come with a line for the log.
      if (message.type === 'log') log[message.level](message.text);
      else if (message.type === 'trouble') log.warning(troubleText(message.problem));
    },
    onResult: ({ address, port }, result) => {
      log.debug(`checked ${endpoint(address, port)}: ${result.ok ? 'good' : result.error}`);
    },
  });
  process.once('exit', nanny.stop);
  nanny.obey({ type: 'watch', watch: endpoint(check.address, check.port), check, known: 'unknown' });
  if (!ending.aborted) await once(ending, 'abort');
  nanny.stop();
  return 0;
}
