// A configuration as pulse would judge it.
import type { Diagnostic, LoadedConfiguration } from '@piranha/config';
import { formatDiagnostic, loadConfiguration } from '@piranha/config';
import type { Occasion } from '@piranha/preflight';
import { gatherMachine, judgeMachine, listInterfaces } from '@piranha/preflight';
import { counted } from '../rules/words.ts';

/** A file, what is wrong with it, and what it says; without an error in the file itself there is a configuration. */
export type CheckedFile = {
  readonly file: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly loaded: LoadedConfiguration | undefined;
};

/**
 * Reads a file, looks up its host names and checks everything, and what it needs of this machine: with mistakes only where
 * it is meant for this machine.
 */
export async function checkFile(file: string, occasion: Occasion): Promise<CheckedFile> {
  const loaded = await loadConfiguration(file);
  if (!loaded.ok) return { file, diagnostics: loaded.error, loaded: undefined };
  const interfaces = await listInterfaces();
  const machine = await gatherMachine(loaded.value, interfaces.ok ? interfaces.value : undefined, usual);
  const missing = judgeMachine(loaded.value, machine, occasion);
  const diagnostics = [...missing, ...loaded.value.warnings].toSorted((a, b) => a.line - b.line || a.column - b.column);
  return { file, diagnostics, loaded: loaded.value };
}

/** The programs that pulse starts where its command line names no others. */
const usual = { '--lvsd': '/usr/sbin/lvsd', '--send-arp': '/usr/sbin/send_arp' };

/** Whether pulse would refuse it. */
export const isRefused = ({ diagnostics }: Pick<CheckedFile, 'diagnostics'>): boolean =>
  diagnostics.some(({ severity }) => severity === 'error');

/** More than anybody reads: a file that is no configuration at all has one for each line. */
const mostShown = 50;

/** Every complaint on a line of its own, and a summary; of very many the first ones. */
export function describeChecked({ file, diagnostics, loaded }: CheckedFile): readonly string[] {
  const count = (severity: Diagnostic['severity']): string =>
    counted(diagnostics.filter((one) => one.severity === severity).length, severity);
  const summary = `${file}: ${count('error')}, ${count('warning')}`;
  const about = loaded === undefined ? '' : `; ${contentOf(loaded)}`;
  const shown = firstOf(diagnostics).map((one) => formatDiagnostic(file, one));
  const left = diagnostics.length - shown.length;
  return [...shown, ...(left > 0 ? [`… and ${left} more`] : []), `${summary}${about}`];
}

/** An error must not be hidden behind warnings. */
function firstOf(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  if (diagnostics.length <= mostShown) return diagnostics;
  const isError = ({ severity }: Diagnostic): boolean => severity === 'error';
  return [...diagnostics.filter(isError), ...diagnostics.filter((one) => !isError(one))].slice(0, mostShown);
}

function contentOf({ configuration, digest }: LoadedConfiguration): string {
  const active = configuration.virtualServers.filter((virtual) => virtual.active);
  const servers = active.flatMap((virtual) => virtual.servers.filter((server) => server.active));
  return `${counted(active.length, 'virtual server')} with ${counted(servers.length, 'real server')}, digest ${digest}`;
}

/** The same for programs; the names of the fields are documented. */
export const checkedAsJson = ({ file, diagnostics, loaded }: CheckedFile) => ({
  file,
  digest: isRefused({ diagnostics }) ? null : (loaded?.digest ?? null),
  diagnostics: diagnostics.map(({ line, column, severity, code, message, hint }) => ({
    ...{ line, column, severity, code, message },
    hint: hint ?? null,
  })),
});
