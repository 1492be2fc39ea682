// Answers pulse's questions on how things stand: reads the kernel's counts, and puts them beside what lvs knows.
import type { Clock } from '@piranha/domain';
import type { LvsMessage } from '@piranha/protocol';
import { readLoads } from './ipvsadm.ts';
import { reportOf } from '../rules/report.ts';
import type { LvsState } from '../state.ts';

/** Takes questions by their numbers. Those that come while an answer is being made are answered by that one. */
export function startReporter(
  state: () => LvsState,
  clock: Clock,
  tell: (message: LvsMessage) => void,
): (id: number) => void {
  let asked: number | undefined;

  const answer = async (): Promise<void> => {
    const ipvsadm = state().configuration?.ipvsadm;
    const loads = ipvsadm === undefined ? undefined : await readLoads(ipvsadm);
    const id = asked;
    asked = undefined;
    if (id !== undefined) tell({ type: 'report', id, ...reportOf(state(), loads, clock.now()) });
  };

  return (id) => {
    const busy = asked !== undefined;
    asked = id;
    if (!busy) void answer();
  };
}
