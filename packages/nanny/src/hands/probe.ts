// A check made ready to run: its texts decoded, its regular expression compiled.
import type { Outcome } from '@piranha/domain';
import { success } from '@piranha/domain';
import type { Check, CheckOf } from '@piranha/protocol';
import { decodeBytes } from '@piranha/protocol';
import { readExpectation } from '@piranha/protocol/expectation';
import type { CheckResult } from '../rules/check-result.ts';
import type { Question } from '../rules/question.ts';
import type { Bounds } from './attempt.ts';
import { checkProgram } from './check-program.ts';
import { checkTcp } from './check-tcp.ts';
import { checkUdp } from './check-udp.ts';

/** Checks a server once, in at most the check's `timeout`; the signal calls it off. */
export type Probe = (signal: AbortSignal) => Promise<CheckResult>;

type Prepared = Outcome<Probe, string>;

/** How each kind of check is made ready. */
type Preparations = { readonly [Kind in Check['kind']]: (check: CheckOf<Kind>) => Prepared | Promise<Prepared> };

const preparations: Preparations = {
  connect: (check) => success(asking({ ...check, send: undefined, expectation: undefined }, check)),
  dialogue: async (check) => {
    const expectation = await readExpectation(check, 'beginning');
    if (!expectation.ok) return expectation;
    const send = check.send === null || check.send === '' ? undefined : decodeBytes(check.send);
    return success(asking({ ...check, send, expectation: expectation.value }, check));
  },
  program: async (check) => {
    const expectation = await readExpectation(check, 'whole');
    if (!expectation.ok) return expectation;
    const { program, address, port, timeout: limit } = check;
    const wanted = { argv: program, address, port, expectation: expectation.value };
    return success((signal) => checkProgram(wanted, { limit, signal }));
  },
};

/** How a server is asked over each protocol. */
const askers: Readonly<
  Record<CheckOf<'connect'>['protocol'], (question: Question, bounds: Bounds) => Promise<CheckResult>>
> = { tcp: checkTcp, udp: checkUdp };

const asking =
  (question: Question, { protocol, timeout: limit }: CheckOf<'connect' | 'dialogue'>): Probe =>
  (signal) =>
    askers[protocol](question, { limit, signal });

/** Makes a check ready; the error says why it could never succeed. */
export async function prepareProbe(check: Check): Promise<Prepared> {
  // The table has for each kind what takes that kind.
  const prepare = preparations[check.kind] as (check: Check) => Prepared | Promise<Prepared>;
  return prepare(check);
}
