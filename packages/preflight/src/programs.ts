// The programs that a configuration names.
import type { Configuration } from '@piranha/config';
import { activeVirtuals } from './subjects.ts';

/** A word that names a program, and where it comes from. */
export type NamedProgram = { readonly word: string; readonly source: string };

/** Every program that will be run; ipvsadm is a matter of its own. */
export function namedPrograms(configuration: Configuration): readonly NamedProgram[] {
  const { activeCommand, inactiveCommand, notifyCommand, rshCommand } = configuration;
  const virtuals = activeVirtuals(configuration);
  const asksForLoad = virtuals.some((virtual) => isUptime(virtual.loadMonitor));
  const commands = [
    { source: 'active_cmd', words: activeCommand },
    { source: 'inactive_cmd', words: inactiveCommand },
    { source: 'notify_cmd', words: notifyCommand },
    { source: 'rsh_command', words: asksForLoad ? rshCommand : undefined },
    ...virtuals.flatMap((virtual) => [
      { source: `send_program of virtual server ${virtual.name}`, words: virtual.check.sendProgram },
      {
        source: `load_monitor of virtual server ${virtual.name}`,
        words: isUptime(virtual.loadMonitor) ? undefined : virtual.loadMonitor,
      },
    ]),
  ];
  return commands.flatMap(({ source, words }) => (words?.[0] === undefined ? [] : [{ source, word: words[0] }]));
}

/** `uptime` is run on the servers. */
const isUptime = (monitor: readonly string[] | undefined): boolean => monitor?.join(' ') === 'uptime';
