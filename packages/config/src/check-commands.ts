// Commands are run as they are: no shell reads them.
import type { Place, Report } from './diagnostic.ts';
import { quoted } from './diagnostic.ts';
import { isActive } from './draft-blocks.ts';
import type { Draft } from './draft-blocks.ts';
import { command } from './read.ts';
import type { Scope } from './schema.ts';
import { keysOf } from './schema.ts';
import type { AnySettings } from './settings.ts';

/** Complains about commands that only a shell could run, and about programs that are named by half of a path. */
export function checkCommands({ global, virtuals, failovers }: Draft, report: Report): void {
  checkBlock('global', global, true, report);
  for (const virtual of virtuals) checkBlock('virtual', virtual, isActive(virtual), report);
  for (const failover of failovers) checkBlock('virtual', failover, false, report);
}

/** The keys whose value is a command. */
export const commandKeys = (scope: Scope): readonly string[] =>
  Object.entries(keysOf[scope]).flatMap(([name, { read }]) => (read === command ? [name] : []));

function checkBlock(scope: Scope, settings: AnySettings, active: boolean, report: Report): void {
  for (const key of commandKeys(scope)) {
    const at = settings.given.get(key)?.value;
    const words = settings.values[key];
    if (at === undefined || settings.bad.has(key) || !isCommand(words)) continue;
    checkCommand({ key, at, words, active }, report);
  }
}

const isCommand = (value: unknown): value is readonly string[] => Array.isArray(value);

type Command = {
  readonly key: string;
  readonly at: Place;
  readonly words: readonly string[];
  readonly active: boolean;
};

/** What a shell would take for something else than text. */
const shellSign = /&&|[|<>;$`'"]|(?<= )&(?= |$)/;

function checkCommand({ key, at, words, active }: Command, report: Report): void {
  const [program = ''] = words;
  const [sign] = shellSign.exec(words.join(' ')) ?? [];
  if (sign !== undefined) {
    const message = `${key}: there is no shell: the program gets ${sign === '"' ? "'\"'" : quoted(sign)} as it is`;
    report.warning(at, 'no-shell', message, 'put the command into a script and name the script');
  }
  if (program.includes('/') && !program.startsWith('/')) {
    const complain = active ? report.error : report.warning;
    const message = `${key}: ${quoted(program)} depends on the folder that pulse is started in`;
    complain(at, 'bad-path', message, 'write the path from /, or the name alone');
  }
}
