// The command line of send_arp (reference lvs.cf §4).
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import { visible } from '@piranha/domain';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { isDeviceName } from '../rules/device.ts';

/** What the command line asks for. The four words are not looked into yet. */
export type Options =
  | { readonly type: 'commands' }
  | {
      readonly type: 'announce';
      readonly device: string;
      readonly count: number;
      readonly both: boolean;
      readonly words: readonly [sourceIp: string, sourceMac: string, targetIp: string, targetMac: string];
    };

/** Where help and complaints go. */
export type Terminal = { readonly out: (text: string) => void; readonly err: (text: string) => void };

/** Reads the words behind the program's name. The error is the status to exit with: help, version and complaints are written. */
export function readOptions(
  args: readonly string[],
  version: string,
  { out, err }: Terminal,
): Outcome<Options, number> {
  const command = sendArpCommand(version)
    .exitOverride()
    .configureOutput({
      writeOut: out,
      writeErr: err,
      outputError: (text, write) => {
        write(`send_arp: ${visible(text.trimEnd().replace(/^error: /, ''))}\n`);
      },
    });
  try {
    return success(optionsOf(command.parse(args, { from: 'user' })));
  } catch (error) {
    if (error instanceof CommanderError) return failure(error.exitCode);
    throw error;
  }
}

const usage = '[-i DEV] [-c COUNT] [--both] SRC_IP SRC_MAC TARGET_IP TARGET_MAC';

const sendArpCommand = (version: string): Command =>
  new Command('send_arp')
    .description('Tells the stations of an Ethernet at which hardware address an IP address is now.')
    .usage(`${usage}\n       send_arp --commands`)
    .argument('[SRC_IP]', 'the address that is announced, or a host name')
    .argument('[SRC_MAC]', 'its hardware address: 12 hexadecimal digits, with or without colons')
    .argument('[TARGET_IP]', 'not used, kept for the sake of old scripts; an address or a host name')
    .argument('[TARGET_MAC]', 'to whom it is told; ffffffffffff is everybody')
    .option('-i <device>', 'network device', readDevice, 'eth0')
    .option('-c, --count <count>', 'how often, one second apart', readCount, 1)
    .option('-b, --both', 'send an ARP request for the own address, too (RFC 5227); of IPv6 there is one form', false)
    .option('--commands', 'alone: obey pulse on standard input, one JSON object a line', false)
    .version(version, '--version', 'print the version')
    .helpOption('-?, --help', 'print this help')
    .addHelpText('after', '\nExit status: 0 sent; 1 not sent, the reason is on standard error.')
    .showSuggestionAfterError(false)
    .showHelpAfterError(`usage: send_arp ${usage}`);

function optionsOf(command: Command): Options {
  const {
    i: device,
    count,
    both,
    commands,
  } = command.opts<{ i: string; count: number; both: boolean; commands: boolean }>();
  if (commands) {
    const others = command.args.length > 0 || ['i', 'count', 'both'].some((name) => isGiven(command, name));
    return others ? command.error('--commands takes no other option and no argument') : { type: 'commands' };
  }
  const [sourceIp, sourceMac, targetIp, targetMac] = command.args;
  if (sourceIp === undefined || sourceMac === undefined || targetIp === undefined || targetMac === undefined) {
    return command.error(`4 arguments are needed, ${command.args.length} are given`);
  }
  return { type: 'announce', device, count, both, words: [sourceIp, sourceMac, targetIp, targetMac] };
}

const isGiven = (command: Command, name: string): boolean => command.getOptionValueSource(name) === 'cli';

function readDevice(text: string): string {
  if (!isDeviceName(text)) throw new InvalidArgumentError('No network device has such a name (1 to 15 bytes).');
  return text;
}

/** A day of announcements, one a second. */
const mostCount = 86_400;

function readCount(text: string): number {
  const count = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > mostCount) throw new InvalidArgumentError(`It is not a number from 1 to ${mostCount}.`);
  return count;
}
