// The configuration in force: read again on request, and its lost names looked up again; a bad file changes nothing.
import type { Diagnostic, LoadedConfiguration } from '@piranha/config';
import { formatDiagnostic, loadConfiguration, lookAgain } from '@piranha/config';
import type { Millis, Outcome } from '@piranha/domain';
import { failure, milliseconds, seconds, success } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { Occasion } from '@piranha/preflight';
import { inTurn } from '@piranha/runtime';

/** Prepares for a configuration; gives what is done when it is in force, or why that cannot be. */
type Prepare = (loaded: LoadedConfiguration, occasion: Occasion) => Promise<Outcome<() => void, string>>;

/** Where the configuration comes from. */
export type ConfigurationSource = {
  readonly inForce: () => LoadedConfiguration;
  /**
   * Reads the file again, one reading at a time; requests that come meanwhile are one. Gives why it was not put in force,
   * one line for each complaint, and none where it was.
   */
  readonly reload: () => Promise<readonly string[]>;
  readonly stop: () => void;
};

/** How long a name without an address is left alone; at the start it had little time. */
const lookAgainAfter = seconds(10);
const firstLookAfter = milliseconds(100);

/** Begins with a configuration that is in force. */
export function configurationSource(first: LoadedConfiguration, log: Logger, prepare: Prepare): ConfigurationSource {
  const oneByOne = inTurn();
  let loaded = first;
  let waiting: Promise<readonly string[]> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const take = async (fresh: LoadedConfiguration, occasion: Occasion): Promise<readonly string[]> => {
    const prepared = await prepare(fresh, occasion);
    if (!prepared.ok) return keep(first.path, prepared.error.split('\n'), log);
    loaded = fresh;
    prepared.value();
    return [];
  };
  const readAndTake = async (): Promise<readonly string[]> => {
    waiting = undefined;
    const fresh = await readAgain(first.path, log);
    return fresh.ok ? take(fresh.value, { type: 'reload', before: loaded.needs }) : fresh.error;
  };
  // Name servers may be silent for long: a reload does not wait for them, and makes what they say then worth nothing.
  const lookUp = async (): Promise<void> => {
    const before = loaded;
    const again = await lookAgain(before);
    await oneByOne(async () => {
      if (again === undefined || loaded !== before) return;
      log.notice('host names have addresses now that had none');
      // The file was accepted: what this machine lacks by now keeps no server out.
      if (again.ok) await take(again.value, { type: 'names' });
      else keep(first.path, inWords(first.path, again.error), log);
    });
  };
  const lookUpAfter = (pause: Millis): void => {
    timer = setTimeout(() => {
      void lookUp().finally(() => {
        if (!stopped) lookUpAfter(lookAgainAfter);
      });
    }, pause);
  };

  lookUpAfter(firstLookAfter);
  return {
    inForce: () => loaded,
    reload: () => (waiting ??= oneByOne(readAndTake)),
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

const inWords = (path: string, diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics.map((each) => formatDiagnostic(path, each));

function keep(path: string, reasons: readonly string[], log: Logger): readonly string[] {
  for (const reason of reasons) log.error(reason);
  log.error('the configuration in force is kept', { file: path });
  return reasons;
}

/** The file as it is now, or its errors. */
async function readAgain(path: string, log: Logger): Promise<Outcome<LoadedConfiguration, readonly string[]>> {
  log.notice('rereading configuration file', { file: path });
  const fresh = await loadConfiguration(path);
  if (!fresh.ok) return failure(keep(path, inWords(path, fresh.error), log));
  for (const warning of inWords(path, fresh.value.warnings)) log.warning(warning);
  return success(fresh.value);
}
