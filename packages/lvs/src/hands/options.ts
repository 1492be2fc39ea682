// The command line of lvs (reference lvs-and-nanny §1.1).
import { resolve } from 'node:path';
import { Command } from 'commander';
import { programFromAnywhere } from '@piranha/runtime/trust';

/** What the command line says. */
export type Options = {
  readonly configfile: string;
  readonly nodaemon: boolean;
  readonly nofork: boolean;
  readonly testStart: boolean;
  readonly verbose: boolean;
  readonly pulse: boolean;
  readonly nanny: string;
};

/** Where things are on a router. */
const defaults = { configfile: '/etc/sysconfig/ha/lvs.cf', nanny: '/usr/sbin/nanny' } as const;

/** Reads the command line. Ends the process for `--help`, `--version` (0) and for a wrong option (1). */
export function readOptions(argv: readonly string[], version: string): Options {
  const given = new Command('lvs')
    .description("Keeps the kernel's IPVS table as lvs.cf and the health of the real servers ask for.")
    .option('-c, --configfile <file>', 'configuration file', defaults.configfile)
    .option('-n, --nodaemon', 'stay in the foreground, log to the terminal, write no pid file', false)
    .option('--nofork', 'stay the same process, log to the system log', false)
    .option('-t, --test-start', 'print what would be written to the table; write nothing, start nothing', false)
    .option('-v, --verbose', 'log more', false)
    .option('--pulse', 'obey pulse on standard input; its end takes the addresses and the services down', false)
    .option('--nanny <path>', 'the program that checks real servers', defaults.nanny)
    .version(version, '--version', 'print the version')
    .helpOption('-?, --help', 'print this help')
    .addHelpText('after', exitStatus)
    .parse(argv)
    .opts<Options>();
  // Once in the background it is in another folder.
  return { ...given, configfile: resolve(given.configfile), nanny: programFromAnywhere(given.nanny) };
}

const exitStatus = `
Exit status: 0 stopped on request; 1 not started, the reason is on standard error, or services
could not be taken out of the table; 70 a defect, the reason is in the log.`;
