// Checks by a program: its status has to be 0 and, where something is expected, its output has to be that.
import type { IpAddress, Port } from '@piranha/domain';
import { endpoint, failure, success } from '@piranha/domain';
import type { Expectation } from '@piranha/protocol/expectation';
import type { Bounds } from './attempt.ts';
import type { CheckResult } from '../rules/check-result.ts';
import { quote } from '../rules/describe.ts';
import { runProgram } from './run-program.ts';

/** What to run about which server, and which output is right. */
export type ProgramCheck = {
  /** `%h` and `%p` in it stand for the server's address and port, inside of words too. */
  readonly argv: readonly string[];
  readonly address: IpAddress;
  readonly port: Port;
  readonly expectation: Expectation | undefined;
};

/** Runs the program once. */
export async function checkProgram(check: ProgramCheck, bounds: Bounds): Promise<CheckResult> {
  const ended = await runProgram(
    check.argv.map((word) => fillIn(word, check)),
    bounds,
  );
  return ended.ok ? judge(check, ended.value.output) : ended;
}

const fillIn = (word: string, { address, port }: ProgramCheck): string =>
  word.replaceAll(/%[hp]/g, (token) => (token === '%h' ? address : String(port)));

function judge({ expectation, address, port }: ProgramCheck, output: Buffer): CheckResult {
  if (expectation === undefined || expectation.find(output, true) === 'met') return success(null);
  const trouble = 'Trouble. Received results are not what we expected from';
  return failure(`${trouble} (${endpoint(address, port)}): ${quote(output)}`);
}
