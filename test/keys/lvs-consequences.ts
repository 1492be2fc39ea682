// What a file makes lvs do, seen from its steps and its table.
import type { LoadedConfiguration } from '@piranha/config';
import { instant } from '@piranha/domain';
import type { Health } from '@piranha/ipvs';
import { doubled, emptyTable, firstRamp, plan, restoreLine, serverId, wantedTable, weighingOf } from '@piranha/ipvs';
import * as lvs from '@piranha/lvs/step';
import type { Check, CheckParts } from '@piranha/protocol';

/** The lines of the table once all servers were found as `word` says, having been good before. */
const table =
  (word: Health) =>
  ({ configuration }: LoadedConfiguration): readonly string[] => {
    const health = (now: Health): Map<string, Health> =>
      new Map(configuration.virtualServers.flatMap((v) => v.servers.map((s) => [serverId(v, s), now] as const)));
    const before = wantedTable(configuration, health('up'), emptyTable);
    return plan(emptyTable, wantedTable(configuration, health(word), before), new Set()).map(restoreLine);
  };
export const allUp = table('up');
export const allDown = table('down');
/** The weight that a server of weight 64 gets when it comes up, after 5 s, and after 10 s. */
export function firstWeights({ configuration }: LoadedConfiguration): readonly number[] {
  const [weighing] = configuration.virtualServers.flatMap((v) =>
    v.servers.map((s) => weighingOf(v, { ...s, weight: 64 })),
  );
  if (weighing === undefined) throw new Error('no server');
  const ramps = [firstRamp(weighing, instant(0))];
  for (const now of [instant(5000), instant(10_000)]) {
    const last = ramps.at(-1);
    if (last !== undefined) ramps.push(last.doubleAt <= now ? doubled(last, weighing, now) : last);
  }
  return ramps.map(({ weight }) => weight);
}
export const serverLine = (loaded: LoadedConfiguration): string | undefined => allUp(loaded)[1];

/** What lvs orders when it gets this file and is told its role. */
const orders =
  (role: 'active' | 'standby') =>
  ({ configuration, digest }: LoadedConfiguration): readonly lvs.LvsAction[] => {
    const at = instant(0);
    const configured = lvs.step(lvs.initialState, { type: 'configured', at, configuration, digest });
    return lvs.step(
      { ...configured.state, keeper: { ...configured.state.keeper, running: undefined } },
      { type: 'tick', at, sentAt: at, spokenAt: undefined, role, term: 1, held: false, timers: undefined },
    ).actions;
  };

const checks = (loaded: LoadedConfiguration): readonly Check[] =>
  orders('active')(loaded).flatMap((action) =>
    action.type === 'command-nanny'
      ? action.commands.flatMap((each) => (each.type === 'watch' ? [each.check] : []))
      : [],
  );
export const check =
  (...fields: readonly (keyof CheckParts)[]) =>
  (loaded: LoadedConfiguration): unknown =>
    fields.map((field) => (checks(loaded)[0] as Partial<CheckParts> | undefined)?.[field]);

export const nannies =
  (role: 'active' | 'standby') =>
  (loaded: LoadedConfiguration): number =>
    orders(role)(loaded).filter((action) => action.type === 'start-nanny').length;

const ipvsadmRuns = ({ configuration, digest }: LoadedConfiguration) => {
  const at = instant(0);
  const { state } = lvs.step(lvs.initialState, { type: 'started-by-hand', at });
  return lvs
    .step(state, { type: 'configured', at, configuration, digest })
    .actions.flatMap((action) => (action.type === 'work-on-table' ? [action] : []));
};
export const ipvsadm = (loaded: LoadedConfiguration): unknown => ipvsadmRuns(loaded)[0]?.ipvsadm;
export const timeouts = (loaded: LoadedConfiguration): unknown => ipvsadmRuns(loaded)[0]?.timeouts;
export const kernelSetting =
  (name: keyof LoadedConfiguration['configuration']['ipvsSettings']) =>
  (loaded: LoadedConfiguration): unknown =>
    ipvsadmRuns(loaded)[0]?.settings?.[name];
