// The command line of lvsctl.
import { controlSocketPath } from '@piranha/runtime';
import { Command } from 'commander';

/** What is to be done. */
export type Order =
  | { readonly type: 'check'; readonly file: string; readonly json: boolean; readonly system: boolean }
  | { readonly type: 'plan'; readonly file: string; readonly json: boolean; readonly socket: string }
  | { readonly type: 'status'; readonly json: boolean; readonly socket: string };

const defaultFile = '/etc/sysconfig/ha/lvs.cf';

type Given = { readonly json: boolean; readonly system: boolean; readonly socket: string };

/** Reads the command line. Ends the process for `--help`, `--version` (0) and for anything wrong (1). */
export function readOrder(argv: readonly string[], version: string): Order {
  const program = new Command('lvsctl')
    .description('Looks at a load-balancing router, and at what lvs.cf would make of it.')
    .version(version, '--version', 'print the version')
    .helpOption('-?, --help', 'print this help')
    .helpCommand(false);
  let order: Order | undefined;

  const command = (name: string, summary: string, status: string): Command =>
    program
      .command(name)
      .description(summary)
      .option('--json', 'print JSON, for programs', false)
      .helpOption('-?, --help', 'print this help')
      .addHelpText('after', `\nExit status: ${status}`);
  const socket = ['--socket <path>', "pulse's control socket", controlSocketPath] as const;

  command('check', 'say everything that is wrong with a configuration', '0 no errors; 1 errors.')
    .argument('[file]', 'the configuration', defaultFile)
    .option('--system', 'look at this machine, too: kernel, interfaces, firewall, programs', false)
    .action((file: string, { json, system }: Given) => {
      order = { type: 'check', file, json, system };
    });
  command('plan', 'show what a reload would change', '0 shown; 1 the file has errors, or the table can not be read.')
    .argument('[file]', 'the configuration', defaultFile)
    .option(...socket)
    .action((file: string, given: Given) => {
      order = { type: 'plan', file, ...given };
    });
  command('status', 'show the pair, the addresses and every server', '0 shown; 3 pulse does not run; 1 other trouble.')
    .option(...socket)
    .action((given: Given) => {
      order = { type: 'status', ...given };
    });
  program.parse(argv);
  return order ?? program.help({ error: true });
}
