// The command line of a nanny that is started by hand (reference lvs-and-nanny §3.1).
import type { IpAddress, Millis, Port } from '@piranha/domain';
import { asPort, isUnspecified, parseIpAddress, seconds } from '@piranha/domain';
import { Command, InvalidArgumentError } from 'commander';

/** What the command line says; what was not given is undefined. */
export type Options = {
  readonly server: IpAddress;
  readonly port?: Port;
  readonly rport?: Port;
  readonly virtaddress?: string;
  readonly fwmark?: number;
  readonly interval?: Millis;
  readonly reentrytime?: Millis;
  readonly send_string?: string;
  readonly expect_string?: string;
  readonly send_program?: string;
  readonly regex?: true;
  readonly suppress?: true;
  readonly udp?: true;
  readonly user?: string;
  readonly once?: true;
  readonly verbose?: true;
  /** From here on: orders about the IPVS table, accepted and without effect. */
  readonly ipvsadm?: string;
  readonly method?: string;
  readonly weight?: string;
  readonly scale?: string;
  readonly loadcmd?: string;
  readonly quiesce_server?: true;
};

/** The command, for `readOptions`. It ends the process for `--help`, `--version` (0) and for wrong options (1). */
export function nannyCommand(version: string): Command {
  return new Command('nanny')
    .description('Checks a real server of a virtual server, and says when it comes and goes.')
    .option('-h, --server <address>', 'address to check; has to be given (this is not help)', readAddress)
    .option('-p, --port <port>', 'port of the virtual server (default: 80)', readPort)
    .option('-r, --rport <port>', 'port to check (default: that of the virtual server)', readPort)
    .option('-V, --virtaddress <address>', 'address of the virtual server, for messages')
    .option('-f, --fwmark <mark>', 'firewall mark of the virtual server, for messages', readMark)
    .option('-t, --interval <seconds>', 'pause between checks and limit of one (default: 10)', readInterval)
    .option('-a, --reentrytime <seconds>', 'how long a failed server has to be good again (default: 180)', readReentry)
    .option('-s, --send_string <text>', 'text to send')
    .option('-x, --expect_string <text>', 'beginning of the answer to expect; * is any answer')
    .option('--regex', 'the answer to expect is a regular expression')
    .option('-e, --send_program <command>', 'program that checks instead; %h is the address, %p the port')
    .option('-T, --suppress', 'leave backslashes in texts as they are')
    .option('-u, --udp', 'UDP instead of TCP')
    .option('-v, --verbose', 'say how each check ended')
    .option('--user <user>', 'give up root and run as this user: a name, or UID:GID')
    .option('--once', 'check once; exit status 0 for up, 2 for down')
    .option('--commands', 'obey lvs on standard input, one JSON object a line; takes no other option but --user=')
    .option('-I, --ipvsadm <path>', 'accepted: only lvs writes the IPVS table, as for the next five')
    .option('-M, --method <letter>', 'accepted')
    .option('-w, --weight <weight>', 'accepted')
    .option('-S, --scale <factor>', 'accepted')
    .option('-U, --loadcmd <command>', 'accepted')
    .option('-q, --quiesce_server', 'accepted')
    .option('-n, --nodaemon', 'accepted: a nanny never leaves the foreground')
    .option('-c, --nofork', 'accepted')
    .option('--test-start', 'accepted')
    .option('--norun', 'accepted')
    .option('--lvs', 'accepted')
    .option('--fos', 'refused: failover services are not built yet')
    .version(version, '--version', 'print the version')
    .helpOption('-?, --help', 'print this help')
    .addHelpText('after', exitStatus);
}

const exitStatus = `
Exit status: 0 ended by TERM, INT or HUP, or up (--once); 1 wrong option; 2 down (--once);
70 a defect, 77 --commands and not the user: the reason is on standard error.`;

/** Reads the words of the command line behind the program's name. */
export function readOptions(command: Command, args: readonly string[]): Options {
  command.parse(args, { from: 'user' });
  const { server, ...options } = command.opts<Partial<Options> & { fos?: true; commands?: true }>();
  if (options.fos) command.error('error: --fos: failover services are not built yet');
  if (options.commands) command.error('error: --commands takes no other option');
  if (server === undefined) return command.error("error: option '-h, --server <address>' is missing");
  return { ...options, server };
}

function readAddress(text: string): IpAddress {
  const address = parseIpAddress(text);
  if (address === undefined || isUnspecified(address)) throw new InvalidArgumentError('It is no address of a host.');
  return address;
}

function readPort(text: string): Port {
  const port = asPort(readNumber(text));
  if (port === undefined || port === 0) throw new InvalidArgumentError('It is no port (1 to 65535).');
  return port;
}

function readMark(text: string): number {
  const mark = readNumber(text);
  if (!Number.isInteger(mark)) throw new InvalidArgumentError('It is no firewall mark.');
  return mark;
}

function readInterval(text: string): Millis {
  const length = readNumber(text);
  if (!(length > 0)) throw new InvalidArgumentError('It is not a number of seconds above 0.');
  return seconds(length);
}

function readReentry(text: string): Millis {
  const length = readNumber(text);
  if (Number.isNaN(length)) throw new InvalidArgumentError('It is not a number of seconds.');
  return seconds(length);
}

/** Digits, perhaps with decimals; anything else is not a number. */
const readNumber = (text: string): number => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN);
