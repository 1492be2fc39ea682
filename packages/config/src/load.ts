// A file becomes the configuration that the daemons run, or complaints.
import { readFile, stat } from 'node:fs/promises';
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import { assemble } from './assemble.ts';
import type { Names } from './check-addresses.ts';
import { checkAddresses } from './check-addresses.ts';
import type { Configuration } from './configuration.ts';
import type { Diagnostic } from './diagnostic.ts';
import { aboutFile } from './diagnostic.ts';
import { digestOf } from './digest.ts';
import { parseConfiguration, readText } from './parse-configuration.ts';
import type { Lookup } from './resolve.ts';
import { hostsOf, lookupHost, reasonOf, resolveNames, unknownHost, withAddresses } from './resolve.ts';
import { wellKnownServices } from './services.ts';

/** A configuration with what it was made of: `text` and `names` make the same one again elsewhere. */
export type LoadedConfiguration = {
  readonly path: string;
  readonly text: string;
  readonly names: Names;
  readonly configuration: Configuration;
  readonly warnings: readonly Diagnostic[];
  /** 16 hexadecimal digits; equal for equal configurations, whatever their names resolve to. */
  readonly digest: string;
};

export type LoadOptions = {
  /** The system's resolver where absent. */
  readonly lookup?: Lookup;
  /** The text of /etc/services; read from there where absent. */
  readonly services?: string;
};

type Loaded = Outcome<LoadedConfiguration, readonly Diagnostic[]>;

// pulse hands the text to lvs in one JSON line of at most 4 MB, with some room for what stands around it.
const largest = 4 * 1024 * 1024 - 1024;

/** Reads a file, looks up its host names, and checks everything. */
export async function loadConfiguration(path: string, options: LoadOptions = {}): Promise<Loaded> {
  const read = await readText4MB(path);
  if (!read.ok) return failure([read.error]);
  const services = options.services ?? (await readServices());
  const { configuration, hosts, diagnostics } = parseConfiguration(read.value, services);
  if (configuration === undefined) return failure(diagnostics);
  const names = await resolveNames(hosts, options.lookup ?? lookupHost);
  return names.ok ? configurationFromText(path, read.value, names.value, services) : names;
}

/** Makes the same configuration of a text and the names that were found for it. */
export function configurationFromText(path: string, text: string, names: Names, services = wellKnownServices): Loaded {
  if (JSON.stringify({ path, text, names }).length > largest) return failure([tooLarge]);
  const { draft, report } = readText(text, services);
  checkAddresses(draft, names, report);
  if (report.failed()) return failure(report.diagnostics());
  const unknown = hostsOf(draft).filter(({ name }) => !Object.hasOwn(names, name));
  if (unknown.length > 0) return failure(unknown.flatMap((host) => unknownHost(host, 'it was not looked up')));
  const unresolved = assemble(draft);
  return success({
    path,
    text,
    names,
    configuration: withAddresses(unresolved, names),
    warnings: report.diagnostics(),
    digest: digestOf(unresolved),
  });
}

/** The text of /etc/services, or of a short list where the machine has none. */
export async function readServices(path = '/etc/services'): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // Minimal systems have no such file.
    return wellKnownServices;
  }
}

const tooLarge = aboutFile('too-large', 'the file is larger than 4 MB');

async function readText4MB(path: string): Promise<Outcome<string, Diagnostic>> {
  try {
    const about = await stat(path);
    // A pipe would keep us waiting.
    if (!about.isFile()) return failure(aboutFile('unreadable', 'failed to open: not a file'));
    if (about.size > largest) return failure(tooLarge);
    return success(await readFile(path, 'utf8'));
  } catch (cause) {
    return failure(aboutFile('unreadable', `failed to open: ${reasonOf(cause)}`));
  }
}
