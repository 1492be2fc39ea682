// The command line of pulse (reference/pulse §1.1).
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
  readonly forceactive: boolean;
  readonly lvsd: string;
  readonly sendArp: string;
};

/** Where things are on a router. */
const defaults = {
  configfile: '/etc/sysconfig/ha/lvs.cf',
  lvsd: '/usr/sbin/lvsd',
  sendArp: '/usr/sbin/send_arp',
} as const;

/** Reads the command line. Ends the process for `--help`, `--version` (0) and for a wrong option (1). */
export function readOptions(argv: readonly string[], version: string): Options {
  const program = new Command('pulse')
    .description('Heartbeat of a pair of load-balancing routers; starts lvs and holds the virtual addresses.')
    .option('-c, --configfile <file>', 'configuration file', defaults.configfile)
    .option('-n, --nodaemon', 'stay in the foreground, log to the terminal', false)
    .option('--nofork', 'stay the same process, log to the system log', false)
    .option('-t, --test-start', 'check the configuration and the role, say what would be done, start nothing', false)
    .option('--norun', 'the same as --test-start', false)
    .option('-v, --verbose', 'log more; handed on to lvs', false)
    .option('--forceactive', 'become active at once, without waiting for the partner', false)
    .option('--lvsd <path>', 'the lvs daemon', defaults.lvsd)
    .option('--lvs <path>', 'the same as --lvsd')
    .option('--fos <path>', 'accepted and not used: failover services are not built yet')
    .option('--send-arp <path>', 'the program that announces addresses', defaults.sendArp)
    .version(version, '--version', 'print the version')
    .helpOption('-?, --help', 'print this help')
    .addHelpText(
      'after',
      '\nExit status: 0 stopped on request; 1 not started, the reason is on standard error;\n255 this is the backup and backup_active is 0; 70 a defect, the reason is in the log.',
    )
    .parse(argv);
  const given = program.opts<Options & { norun: boolean; lvs?: string }>();
  return {
    ...given,
    // Once in the background it is in another folder.
    configfile: resolve(given.configfile),
    testStart: given.testStart || given.norun,
    lvsd: programFromAnywhere(given.lvs ?? given.lvsd),
    sendArp: programFromAnywhere(given.sendArp),
  };
}
