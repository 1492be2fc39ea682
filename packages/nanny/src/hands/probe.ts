// A check made ready to run: its texts decoded, its regular expression compiled.
import type { Outcome } from '@piranha/domain';
import { success } from '@piranha/domain';
import type { Check } from '@piranha/protocol';
import { decodeBytes } from '@piranha/protocol';
import { readExpectation } from '@piranha/protocol/expectation';
import type { CheckResult } from '../rules/check-result.ts';
import { checkProgram } from './check-program.ts';
import { checkTcp } from './check-tcp.ts';
import { checkUdp } from './check-udp.ts';

/** Checks a server once, in at most the check's `timeout`; the signal calls it off. */
export type Probe = (signal: AbortSignal) => Promise<CheckResult>;

/** Makes a check ready; the error says why it could never succeed. */
export async function prepareProbe(check: Check): Promise<Outcome<Probe, string>> {
  const { address, port, program, timeout: limit } = check;
  const expectation = await readExpectation(check);
  if (!expectation.ok) return expectation;
  if (program !== null) {
    const wanted = { argv: program, address, port, expectation: expectation.value };
    return success((signal) => checkProgram(wanted, { limit, signal }));
  }
  const send = check.send === null || check.send === '' ? undefined : decodeBytes(check.send);
  const question = { address, port, send, expectation: expectation.value };
  const ask = check.protocol === 'tcp' ? checkTcp : checkUdp;
  return success((signal) => ask(question, { limit, signal }));
}
