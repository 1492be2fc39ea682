// A check made ready to run: its texts decoded, its regular expression compiled.
import { failure } from '@piranha/domain';
import type { Check } from '@piranha/protocol';
import type { CheckResult } from './check-result.ts';
import { checkProgram } from './check-program.ts';
import { checkTcp } from './check-tcp.ts';
import { checkUdp } from './check-udp.ts';
import { decodeEscapes } from './escapes.ts';
import { readExpectation } from './expectation.ts';

/** Checks a server once, in at most the check's `timeout`; the signal calls it off. */
export type Probe = (signal: AbortSignal) => Promise<CheckResult>;

/** Makes a check ready. One that can never succeed becomes a probe that says why. */
export async function prepareProbe(check: Check): Promise<Probe> {
  const { address, port, program, timeout: limit } = check;
  const expectation = await readExpectation(check);
  if (!expectation.ok) return () => Promise.resolve(failure(expectation.error));
  if (program !== null) {
    const wanted = { argv: program, address, port, expectation: expectation.value };
    return (signal) => checkProgram(wanted, { limit, signal });
  }
  const send = check.send === null || check.send === '' ? undefined : Buffer.from(decodeEscapes(check.send));
  const question = { address, port, send, expectation: expectation.value };
  const ask = check.protocol === 'tcp' ? checkTcp : checkUdp;
  return (signal) => ask(question, { limit, signal });
}
