// The command line of lvsctl.
import type { Millis } from '@piranha/domain';
import { seconds } from '@piranha/domain';
import type { ServerOrder } from '@piranha/protocol';
import { controlSocketPath } from '@piranha/runtime/sockets';
import { Argument, Command, InvalidArgumentError } from 'commander';

/** What is to be done. */
export type Order =
  | { readonly type: 'check'; readonly file: string; readonly json: boolean; readonly system: boolean }
  | { readonly type: 'plan'; readonly file: string; readonly json: boolean; readonly socket: string }
  | { readonly type: 'status'; readonly json: boolean; readonly socket: string }
  | { readonly type: 'new-key'; readonly file: string; readonly json: boolean }
  | { readonly type: 'reload'; readonly json: boolean; readonly socket: string }
  | { readonly type: 'switch'; readonly force: boolean; readonly json: boolean; readonly socket: string }
  | { readonly type: 'order-server'; readonly order: ServerOrder; readonly json: boolean; readonly socket: string };

const defaultFile = '/etc/sysconfig/ha/lvs.cf';
const defaultKeyFile = '/etc/sysconfig/ha/heartbeat.key';

const virtualArgument = ['<virtual>', "name of its virtual server, or ADDRESS:PORT, or 'fwmark N'"] as const;
const serverArgument = ['<server>', 'its name, or its address, with or without port'] as const;

function readTimeout(text: string): Millis {
  if (!/^\d+(\.\d+)?$/.test(text) || Number(text) === 0) {
    throw new InvalidArgumentError('It is not a number of seconds above 0.');
  }
  return seconds(Number(text));
}

const socket = ['--socket <path>', "pulse's control socket", controlSocketPath] as const;

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

  command('check', 'say everything that is wrong with a configuration', '0 no errors; 1 errors.')
    .argument('[file]', 'the configuration', defaultFile)
    .option('--system', 'look at this machine, too: kernel, interfaces, firewall, programs', false)
    .action((file: string, { json, system }: Given) => {
      order = { type: 'check', file, json, system };
    });
  command('plan', 'show what a reload would change', '0 shown; 1 the file has errors, or the table cannot be read.')
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
  command('reload', 'have pulse read its file again', '0 in force; 6 refused; 3 pulse does not run; 1 other trouble.')
    .option(...socket)
    .action((given: Given) => {
      order = { type: 'reload', ...given };
    });
  command('switch', 'have the two routers change places', '0 begun; 3 pulse does not run; 1 refused, or other trouble.')
    .option('--force', 'also where the other router is silent, unfit or runs another lvs.cf', false)
    .option(...socket)
    .action(({ force, json, socket: path }: Given & { readonly force: boolean }) => {
      order = { type: 'switch', force, json, socket: path };
    });
  keyCommand(program, (given) => (order = given));
  serverCommands(command, (given) => (order = given));
  program.parse(argv);
  return order ?? program.help({ error: true });
}

/** Keys that sign heartbeats. */
function keyCommand(program: Command, onOrder: (order: Order) => void): void {
  program
    .command('key')
    .description('keys that sign heartbeats')
    .helpOption('-?, --help', 'print this help')
    .helpCommand(false)
    .command('new')
    .description('make a key, and say how the other router gets it')
    .argument('[file]', 'where it is written; nothing may be there', defaultKeyFile)
    .option('--json', 'print JSON, for programs', false)
    .helpOption('-?, --help', 'print this help')
    .addHelpText('after', '\nExit status: 0 made; 1 not made.')
    .action((file: string, { json }: Given) => {
      onOrder({ type: 'new-key', file, json });
    });
}

/** Commands about one real server. */
function serverCommands(
  command: (name: string, summary: string, status: string) => Command,
  onOrder: (order: Order) => void,
): void {
  const onServer = (name: string, summary: string): Command =>
    command(name, summary, '0 done; 3 pulse does not run; 1 there is no such server, or other trouble.').option(
      ...socket,
    );
  onServer('drain', 'give a real server no new connections, and take it out when those it has have ended')
    .argument(...virtualArgument)
    .argument(...serverArgument)
    .option('--timeout <seconds>', 'take it out after so long whatever connections it has', readTimeout)
    .action((virtual: string, server: string, { timeout, ...given }: Given & { readonly timeout?: Millis }) => {
      const drain = { type: 'drain', virtual, server, timeoutMs: timeout ?? null } as const;
      onOrder({ type: 'order-server', order: drain, ...given });
    });
  onServer('undrain', 'take a drained real server back into service')
    .argument(...virtualArgument)
    .argument(...serverArgument)
    .action((virtual: string, server: string, given: Given) => {
      onOrder({ type: 'order-server', order: { type: 'undrain', virtual, server }, ...given });
    });
  onServer('force', 'put a real server in or out whatever its checks say; auto: go by its checks again')
    .addArgument(new Argument('<state>', 'what it is to be').choices(['up', 'down', 'auto']))
    .argument(...virtualArgument)
    .argument(...serverArgument)
    .action((to: 'up' | 'down' | 'auto', virtual: string, server: string, given: Given) => {
      onOrder({ type: 'order-server', order: { type: 'force', virtual, server, to }, ...given });
    });
}
