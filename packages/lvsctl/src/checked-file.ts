// A configuration as pulse would judge it.
import type { Diagnostic, LoadedConfiguration } from '@piranha/config';
import { formatDiagnostic, loadConfiguration } from '@piranha/config';
import { counted } from './words.ts';

/** A file, what is wrong with it, and what it says; without an error there is always a configuration. */
export type CheckedFile = {
  readonly file: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly loaded: LoadedConfiguration | undefined;
};

/** Reads a file, looks up its host names and checks everything. */
export async function checkFile(file: string): Promise<CheckedFile> {
  const loaded = await loadConfiguration(file);
  if (!loaded.ok) return { file, diagnostics: loaded.error, loaded: undefined };
  return { file, diagnostics: loaded.value.warnings, loaded: loaded.value };
}

/** Every complaint on a line of its own, and a summary. */
export function describeChecked({ file, diagnostics, loaded }: CheckedFile): readonly string[] {
  const count = (severity: Diagnostic['severity']): string =>
    counted(diagnostics.filter((one) => one.severity === severity).length, severity);
  const summary = `${file}: ${count('error')}, ${count('warning')}`;
  const about = loaded === undefined ? '' : `; ${contentOf(loaded)}`;
  return [...diagnostics.map((one) => formatDiagnostic(file, one)), `${summary}${about}`];
}

function contentOf({ configuration, digest }: LoadedConfiguration): string {
  const active = configuration.virtualServers.filter((virtual) => virtual.active);
  const servers = active.flatMap((virtual) => virtual.servers.filter((server) => server.active));
  return `${counted(active.length, 'virtual server')} with ${counted(servers.length, 'real server')}, digest ${digest}`;
}

/** The same for programs; the names of the fields are documented. */
export const checkedAsJson = ({ file, diagnostics, loaded }: CheckedFile) => ({
  file,
  digest: loaded?.digest ?? null,
  diagnostics: diagnostics.map(({ line, column, severity, code, message, hint }) => ({
    ...{ line, column, severity, code, message },
    hint: hint ?? null,
  })),
});
