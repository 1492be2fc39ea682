// The place of pulse on this machine: alone, in front of others when it is busy, and found by its pid file.
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { RaisedFile } from '@piranha/runtime/addresses';
import type { FileKeeper } from '@piranha/runtime/sockets';
import type { ServiceManager } from '@piranha/runtime/startup';
import { folderProblem, stateFolder } from '@piranha/runtime';
import {
  outliveOthers,
  raisePriority,
  removePidFile,
  showBeacon,
  shownPulse,
  untilAlone,
  writePidFile,
} from '@piranha/runtime/processes';
import { fileKeeper } from '@piranha/runtime/sockets';
import { serviceManager } from '@piranha/runtime/startup';
import type { Options } from './options.ts';

const pidFile = '/run/pulse.pid';

/** The place, taken. */
export type Place = Settled & { readonly manager: ServiceManager | undefined };

/** Takes it; the error says why that is not possible. */
export async function takePlace(options: Options, log: Logger, raised: RaisedFile): Promise<Outcome<Place, string>> {
  const alone = await showAlone(log);
  if (!alone.ok) return alone;
  // What is read there is believed, and who listens there is obeyed.
  const stranger = folderProblem(stateFolder);
  if (stranger !== undefined) return failure(stranger);
  return success({ ...settleIn(options, log, raised), manager: openManager(log) });
}

/** Without systemd's good opinion pulse runs on, too. */
function openManager(log: Logger): ServiceManager | undefined {
  try {
    return serviceManager();
  } catch (error) {
    log.warning('systemd cannot be told how pulse is', { problem: String(error) });
    return undefined;
  }
}

/** Shows that a pulse runs here; the error says which other one does. Two of them would both own the service. */
async function showAlone(log: Logger): Promise<Outcome<void, string>> {
  const beacon = await showBeacon(shownPulse);
  if (beacon.ok) return untilAlone(shownPulse);
  log.warning('nothing keeps a second pulse from starting beside this one', { problem: beacon.error });
  return success(undefined);
}

/** The files that pulse looks after from now on. */
type Settled = {
  readonly keep: FileKeeper['keep'];
  readonly raised: RaisedFile;
  /** Looks after nothing any more, and removes the pid file. */
  readonly leave: () => Promise<void>;
};

/** Priority and pid file: without them pulse runs on, and says so. */
function settleIn({ nodaemon }: Options, log: Logger, raised: RaisedFile): Settled {
  const keeper = fileKeeper(log);
  const attempt = (what: string, act: () => void): void => {
    try {
      act();
    } catch (error) {
      log.warning(what, { problem: String(error) });
    }
  };
  attempt('pulse runs without raised priority', raisePriority);
  attempt('pulse can be the first that is killed when memory runs out', outliveOthers);
  if (!nodaemon) {
    attempt('the pid file could not be written', () => {
      keeper.keep(writePidFile(pidFile));
    });
  }
  keeper.keep(raised.kept);
  const leave = async (): Promise<void> => {
    await keeper.close();
    if (!nodaemon) removePidFile(pidFile);
  };
  return { keep: keeper.keep, raised, leave };
}
