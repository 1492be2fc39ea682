// Checks by a program: its status has to be 0 and, where something is expected, its output has to be that.
import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { IpAddress, Outcome, Port } from '@piranha/domain';
import { endpoint, failure, success } from '@piranha/domain';
import type { Bounds } from './attempt.ts';
import { attempt } from './attempt.ts';
import type { CheckResult } from './check-result.ts';
import { describeError, quote } from './describe.ts';
import type { Expectation } from './expectation.ts';

/** What to run about which server, and which output is right. */
export type ProgramCheck = {
  /** `%h` and `%p` in it stand for the server's address and port, inside of words too. */
  readonly argv: readonly string[];
  readonly address: IpAddress;
  readonly port: Port;
  readonly expectation: Expectation | undefined;
};

type Program = ChildProcessByStdio<null, Readable, Readable>;

/** Programs are looked for here, whatever the search path of this process is. */
const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** No more of what a program writes is looked at. */
const mostBytes = 64 * 1024;

/** Runs the program once. */
export async function checkProgram(check: ProgramCheck, bounds: Bounds): Promise<CheckResult> {
  const argv = check.argv.map((word) => word.replaceAll('%h', check.address).replaceAll('%p', String(check.port)));
  const abnormal = (how: string): CheckResult => failure(`The following exited abnormally: ${argv.join(' ')}: ${how}`);
  const started = await start(argv);
  if (!started.ok) return abnormal(started.error);
  const program = started.value;
  return attempt(bounds, (settle) => {
    const output = collect(program.stdout);
    const complaint = collect(program.stderr);
    program.on('error', (error) => {
      settle(abnormal(describeError(error)));
    });
    // What the program leaves running would keep its output open.
    program.once('exit', () => {
      killGroup(program);
    });
    program.once('close', (status, signal) => {
      if (status === 0) settle(judge(check, output()));
      else settle(abnormal(`${endingOf(status, signal)}${complaint().length > 0 ? `, ${quote(complaint())}` : ''}`));
    });
    return {
      atLimit: () => abnormal(`killed after ${bounds.limit} ms`),
      close: () => {
        // After its end, its number may be another's.
        if (program.exitCode === null && program.signalCode === null) killGroup(program);
        program.stdout.destroy();
        program.stderr.destroy();
      },
    };
  });
}

const endingOf = (status: number | null, signal: string | null): string =>
  status === null ? `killed by ${signal ?? 'a signal'}` : `status ${status}`;

function judge({ expectation, address, port }: ProgramCheck, output: Buffer): CheckResult {
  if (expectation === undefined || expectation(output, true) === 'met') return success(null);
  const trouble = 'Trouble. Received results are not what we expected from';
  return failure(`${trouble} (${endpoint(address, port)}): ${quote(output)}`);
}

/** Starts it in a process group of its own, so that whatever it starts can be ended with it. */
async function start([file = '', ...args]: readonly string[]): Promise<Outcome<Program, string>> {
  const { spawn } = await import('node:child_process');
  try {
    const env = { ...process.env, PATH: searchPath };
    return success(spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env }));
  } catch (error) {
    // Node throws some of the system's refusals, such as too long an argument list, and emits others.
    return failure(describeError(error as NodeJS.ErrnoException));
  }
}

/** Reads a stream to its end and keeps its beginning. */
function collect(stream: Readable): () => Buffer {
  const pieces: Buffer[] = [];
  let size = 0;
  stream.on('data', (piece: Buffer) => {
    if (size < mostBytes) pieces.push(piece);
    size += piece.length;
  });
  return () => Buffer.concat(pieces).subarray(0, mostBytes);
}

function killGroup(program: Program): void {
  if (program.pid === undefined) return;
  try {
    process.kill(-program.pid, 'SIGKILL');
  } catch (error) {
    // Nobody is left in the group.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
