// From the options of a nanny that is started by hand to its check, and what has to be said about them.
import type { Millis, Port } from '@piranha/domain';
import { seconds } from '@piranha/domain';
import type { Check, CheckParts } from '@piranha/protocol';
import { checkFrom, escapeProblem, impliedHttpCheck, keepBackslashes, knownEscapes } from '@piranha/protocol';
import { stateOfProgram } from '@piranha/runtime/trust';
import type { Options } from './options.ts';

/** The check, and remarks on options that mean less than they seem to. */
export type HandCheck = { readonly check: Check; readonly remarks: readonly string[] };

const webPort = 80 as Port;
const defaultInterval = seconds(10);
const defaultReentry = seconds(180);

/** Makes the check that options ask for. */
export function handCheck(options: Options): HandCheck {
  const { server, port = webPort, rport = port, interval = defaultInterval } = options;
  const program = options.send_program?.split(' ').filter((word) => word !== '') ?? [];
  const { send, expect, remarks } = wording(options, program.length > 0);
  const check = checkFrom({
    virtual: options.fwmark ? `fwmark ${options.fwmark}` : `${options.virtaddress ?? '0.0.0.0'}:${port}`,
    address: server,
    port: rport,
    protocol: options.udp ? 'udp' : 'tcp',
    send,
    expect,
    useRegex: options.regex ?? false,
    program: program.length > 0 ? program : null,
    timeout: interval,
    fall: 1,
    rise: riseOf(options.reentrytime, interval),
    load: null,
  });
  return { check, remarks: [...tableRemarks(options), ...remarks] };
}

/** Good checks in a row that fill the reentry time; as in the original, 0 stands for the default. */
function riseOf(reentry: Millis | undefined, interval: Millis): number {
  const length = reentry === undefined || reentry === 0 ? defaultReentry : reentry;
  return Math.max(1, Math.floor(length / interval));
}

type Wording = Pick<CheckParts, 'send' | 'expect'> & { readonly remarks: readonly string[] };

/** What to send and to expect, with escapes still to be decoded. */
function wording(options: Options, hasProgram: boolean): Wording {
  const spell = options.suppress ? keepBackslashes : (text: string): string => text;
  const send = options.send_string === undefined ? null : spell(options.send_string);
  const expect = options.expect_string === undefined ? null : spell(options.expect_string);
  if (hasProgram) {
    const remarks = send === null ? [] : [`the program checks: the text to send is dropped: ${send}`];
    return { send: null, expect, remarks };
  }
  if (send === null && expect === null && (options.port ?? webPort) === webPort && !options.udp) {
    return { ...impliedHttpCheck, remarks: ['port 80 and no check given: a web page is asked for'] };
  }
  return { send, expect, remarks: [] };
}

/** Options about the IPVS table that were given, in one line. */
function tableRemarks(options: Options): string[] {
  const { ipvsadm, method, weight, scale, loadcmd } = options;
  const given = Object.entries({ ipvsadm, method, weight, scale, loadcmd }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${value}`],
  );
  if (options.quiesce_server) given.push('--quiesce_server');
  if (given.length === 0) return [];
  return [`lvs is the one writer of the IPVS table, nothing is written here; without effect: ${given.join(', ')}`];
}

/** Why a check could never succeed, as far as its texts and its program show; the expression is compiled elsewhere. */
export async function problemsOf(options: Options, check: Check): Promise<readonly string[]> {
  const texts = [
    { option: '--send_string', text: check.kind === 'dialogue' ? check.send : null },
    { option: '--expect_string', text: options.regex || check.kind === 'connect' ? null : check.expect },
  ];
  const escapes = texts.flatMap(({ option, text }) => {
    const found = escapeProblem(text ?? '');
    return found === undefined ? [] : [`${option}: ${found.problem} (${knownEscapes})`];
  });
  const [file] = check.kind === 'program' ? check.program : [];
  const state = file === undefined ? 'ready' : await stateOfProgram(file);
  if (state === 'ready') return escapes;
  return [...escapes, `--send_program: ${file ?? ''} ${state === 'missing' ? 'is missing' : 'is not executable'}`];
}
