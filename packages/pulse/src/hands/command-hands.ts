// The administrator's commands and the sync daemons.
import type { LoadedConfiguration } from '@piranha/config';
import type { Clock } from '@piranha/domain';
import { seconds } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import { inTurn, runCommand } from '@piranha/runtime';
import type { PulseAction, PulseEvent } from '../events.ts';
import { makeSyncHands } from './sync-hands.ts';

const commandLimit = seconds(30);
/** From our own raised priority, which the session has too, back to everybody's. */
const likeEverybody = ['nice', '-n', '20', '--'];

/** What the hands work with. */
type World = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly loaded: () => LoadedConfiguration;
  readonly dispatch: (event: PulseEvent) => void;
};

type CommandAction = Extract<PulseAction, { type: 'sync-daemons' | 'run-command' }>;

/** Begins them one after the other, never waited for by the pair. */
export function commandHands(world: World) {
  const hooks = inTurn();
  const ipvsadm = inTurn();
  const sync = makeSyncHands();

  const runHook = async (words: readonly string[] | undefined): Promise<void> => {
    if (words === undefined) return;
    const args = [...likeEverybody, ...words];
    const result = await runCommand({ file: 'setsid', args, limit: commandLimit, killedLikeOthers: true });
    if (!result.ok) world.log.warning(result.error.problem, { stderr: result.error.stderr });
  };

  const setSyncDaemons = async (run: boolean): Promise<void> => {
    const { syncDaemon, ipvsadm: file } = world.loaded().configuration;
    const set = await sync(file, run ? syncDaemon : undefined);
    const problem = set.ok ? undefined : set.error;
    world.dispatch({ type: 'sync-daemons-set', at: world.clock.now(), problem });
  };

  const perform = (action: CommandAction): void => {
    const { activeCommand, inactiveCommand } = world.loaded().configuration;
    if (action.type === 'sync-daemons') void ipvsadm(() => setSyncDaemons(action.run));
    else void hooks(() => runHook(action.which === 'active' ? activeCommand : inactiveCommand));
  };
  const settled = async (): Promise<void> => {
    await Promise.all([hooks(() => Promise.resolve()), ipvsadm(() => Promise.resolve())]);
  };
  return { perform, settled };
}
