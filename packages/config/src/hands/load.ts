// A file becomes the configuration that the daemons run, or complaints.
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import { assemble } from '../assemble.ts';
import type { Names } from '../host-address.ts';
import { checkAddresses } from '../check-addresses.ts';
import { addressOf } from '../host-address.ts';
import { checkService, nothingToDo } from '../check-start.ts';
import { checkTexts } from './check-texts.ts';
import type { Configuration } from '../configuration.ts';
import type { Diagnostic, Place } from '../diagnostic.ts';
import { aboutFile, newReport } from '../diagnostic.ts';
import { digestOf } from '../digest.ts';
import { leaveOutLost } from '../leave-out-lost.ts';
import { reachOnRouter } from '../on-router.ts';
import type { ReadText } from '../parse-configuration.ts';
import { readText } from '../parse-configuration.ts';
import type { Lookup } from './look-up.ts';
import { lookupHost, quickly, reasonOf, resolveNames, thoroughly, untilAllIsKnown } from './look-up.ts';
import type { Need } from '../needs.ts';
import { needsOf, rolePlaceOf } from '../needs.ts';
import { readRegularFile } from './read-file.ts';
import { leaveOutRepeated } from '../repeated-marks.ts';
import type { HostUse } from '../resolve.ts';
import { hostsOf, leftOut, unknownHost, withAddresses } from '../resolve.ts';
import { wellKnownServices } from '../services.ts';

/** A configuration with what it was made of: `text` and `names` make the same one again elsewhere. */
export type LoadedConfiguration = {
  readonly path: string;
  readonly text: string;
  readonly names: Names;
  readonly configuration: Configuration;
  readonly warnings: readonly Diagnostic[];
  /** 16 hexadecimal digits; equal for equal configurations, whatever their names resolve to. */
  readonly digest: string;
  /** Names without an address: the servers and services that need them are left out. */
  readonly lost: readonly HostUse[];
  /** What it needs of the machine, and where the file says which routers it is for: complaints name these places. */
  readonly needs: readonly Need[];
  readonly rolePlace: Place;
};

export type LoadOptions = {
  /** The system's resolver where absent. */
  readonly lookup?: Lookup;
  /** The text of /etc/services; read from there where absent. */
  readonly services?: string;
  /**
   * `refuse` the file where a host name has no address (where absent), or `leave-out` the servers and services that
   * need it, as long as it is not an address of the routers. Left out is what has none after a second, too: the others
   * shall not wait, and `lookAgain` has more patience.
   */
  readonly lostNames?: 'refuse' | 'leave-out';
};

type Loaded = Outcome<LoadedConfiguration, readonly Diagnostic[]>;

// pulse hands the text to lvs in one JSON line of at most 4 MB, with some room for what stands around it.
const largest = 4 * 1024 * 1024 - 1024;

/**
 * Reads a file, looks up its host names, and checks everything but this machine: whatever pulse, lvs or a nanny would
 * refuse later is an error here.
 */
export async function loadConfiguration(path: string, options: LoadOptions = {}): Promise<Loaded> {
  const read = await readConfiguration(path);
  return read.ok ? loadText(path, read.value, options) : failure([read.error]);
}

/** The same for a text that was read already. */
export async function loadText(path: string, text: string, options: LoadOptions = {}): Promise<Loaded> {
  const parsed = readText(text, options.services ?? (await readServices()));
  await checkTexts(parsed.draft, parsed.report);
  const problems = withoutNames(parsed);
  if (problems !== undefined) return failure(problems);
  const patience = options.lostNames === 'leave-out' ? quickly : untilAllIsKnown;
  const { names, lost } = await resolveNames(hostsOf(parsed.draft), options.lookup ?? lookupHost, patience);
  const fatal = lost.filter((host) => !host.idle && (host.essential || options.lostNames !== 'leave-out'));
  if (fatal.length > 0) return failure(fatal.flatMap(unknownHost));
  const loaded = withNames(parsed, { path, text, names });
  if (!loaded.ok) return loaded;
  const warnings = [...loaded.value.warnings, ...lost.flatMap(leftOut)];
  const idle = nothingToDo(path, loaded.value.configuration, lost);
  return idle === undefined ? success({ ...loaded.value, warnings }) : failure([...warnings, idle]);
}

/**
 * Looks up again the names that had no address; undefined where there is no news. The text is the one in force, whatever
 * the file says by now.
 */
export async function lookAgain(loaded: LoadedConfiguration, options: LoadOptions = {}): Promise<Loaded | undefined> {
  if (loaded.lost.length === 0) return undefined;
  const { names, lost } = await resolveNames(loaded.lost, options.lookup ?? lookupHost, thoroughly);
  if (lost.length === loaded.lost.length) return undefined;
  const services = options.services ?? (await readServices());
  return configurationFromText(loaded.path, loaded.text, { ...loaded.names, ...names }, services);
}

/** Makes the same configuration of a text and the names that were found for it. */
export const configurationFromText = (path: string, text: string, names: Names, services = wellKnownServices): Loaded =>
  withNames(readText(text, services), { path, text, names });

/** Everything that is wrong whatever the names stand for; undefined where nothing is. */
function withoutNames({ draft, report }: ReadText): readonly Diagnostic[] | undefined {
  const trial = newReport();
  checkAddresses(draft, {}, trial);
  checkService(draft, report);
  if (!report.failed() && !trial.failed()) return undefined;
  checkAddresses(draft, {}, report);
  return report.diagnostics();
}

type Source = Pick<LoadedConfiguration, 'path' | 'text' | 'names'>;

function withNames({ draft: whole, report }: ReadText, { path, text, names }: Source): Loaded {
  if (JSON.stringify({ path, text, names }).length > largest) return failure([tooLarge]);
  const draft = reachOnRouter(leaveOutRepeated(leaveOutLost(whole, names), names, report), names);
  checkService(draft, report);
  checkAddresses(draft, names, report);
  if (report.failed()) return failure(report.diagnostics());
  const unknown = hostsOf(draft).filter(({ name }) => addressOf(name, names) === undefined);
  if (unknown.length > 0) {
    return failure(unknown.flatMap((host) => unknownHost({ ...host, reason: 'it was not looked up' })));
  }
  return success({
    path,
    text,
    names,
    configuration: withAddresses(assemble(draft), names),
    warnings: report.diagnostics(),
    digest: digestOf(assemble(whole)),
    lost: hostsOf(whole).filter(({ name }) => names[name] === null),
    needs: needsOf(draft),
    rolePlace: rolePlaceOf(draft),
  });
}

/** The text of /etc/services, or of a short list where the machine has none. */
export async function readServices(path = '/etc/services'): Promise<string> {
  try {
    const read = await readRegularFile(path, largest);
    return read.ok ? read.value : wellKnownServices;
  } catch {
    // Minimal systems have no such file.
    return wellKnownServices;
  }
}

const tooLarge = aboutFile('too-large', 'the file is larger than 4 MB');

async function readConfiguration(path: string): Promise<Outcome<string, Diagnostic>> {
  try {
    const read = await readRegularFile(path, largest);
    if (read.ok) return read;
    return failure(read.error === 'too large' ? tooLarge : aboutFile('unreadable', 'failed to open: not a file'));
  } catch (cause) {
    return failure(aboutFile('unreadable', `failed to open: ${reasonOf(cause)}`));
  }
}
