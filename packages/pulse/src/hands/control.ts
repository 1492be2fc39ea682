// What pulse answers on its control socket. It reads what is known and hands orders on; nothing is decided here.
import type { LoadedConfiguration } from '@piranha/config';
import type { Clock } from '@piranha/domain';
import { assertNever } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { ControlAnswer } from '@piranha/protocol';
import { decodeControlRequest, encodeLine } from '@piranha/protocol';
import type { AddressBatch } from '@piranha/runtime/addresses';
import type { FileKeeper } from '@piranha/runtime/sockets';
import { release } from '@piranha/runtime';
import { controlSocketPath, openControlSocket } from '@piranha/runtime/sockets';
import type { HeartbeatSockets } from './heartbeat-socket.ts';
import type { LvsQuestions } from './lvs-questions.ts';
import type { PulseEvent } from '../events.ts';
import type { PulseState } from '../state.ts';
import { statusOf } from '../rules/status.ts';
import { judgeSwitch } from '../rules/switch.ts';

/** Where answers come from. */
export type Sources = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly addresses: AddressBatch;
  readonly questions: LvsQuestions;
  readonly state: () => PulseState;
  readonly loaded: () => LoadedConfiguration;
  readonly dispatch: (event: PulseEvent) => void;
  /** Reads the file again; gives why it was not put in force. */
  readonly reload: () => Promise<readonly string[]>;
  /** Datagrams that never got as far as the rules, and channels that have not begun yet. */
  readonly sockets: Pick<HeartbeatSockets, 'counters' | 'late' | 'unguarded'>;
};

/** Opens the socket; without it pulse goes on, and says so. */
export function openControl(sources: Sources, keep: FileKeeper['keep']): { readonly close: () => Promise<void> } {
  const { log } = sources;
  const warn = (problem: string): void => {
    log.warning('lvsctl cannot ask this pulse: no control socket', { problem });
  };
  const answer = async (line: string): Promise<string> => encodeLine(await answerTo(line, sources));
  const opening = openControlSocket({ path: controlSocketPath, answer, onError: warn }).then((opened) => {
    if (opened.ok) keep(opened.value.kept);
    else warn(opened.error);
    return opened;
  });
  const close = async (): Promise<void> => {
    const opened = await opening;
    if (opened.ok) await opened.value.close();
  };
  return { close };
}

/** The answer to one line. */
export async function answerTo(line: string, sources: Omit<Sources, 'log'>): Promise<ControlAnswer> {
  const request = decodeControlRequest(line);
  if (!request.ok) return { type: 'error', problem: `unknown request: ${request.error}` };
  switch (request.value.type) {
    case 'status':
      return status(sources);
    case 'configuration': {
      const { path: file, text, names } = sources.loaded();
      return { type: 'configuration', file, text, names };
    }
    case 'order-server': {
      const done = await sources.questions.order(request.value.order);
      return done.ok ? { type: 'order-server', ...done.value } : { type: 'error', problem: done.error };
    }
    case 'switch':
      return switchRouters(request.value.force, sources);
    case 'reload':
      return { type: 'reload', problems: [...(await sources.reload())] };
    default:
      return assertNever(request.value, 'control request');
  }
}

/** Judged first, so that whoever orders it learns what comes of it. */
function switchRouters(force: boolean, { clock, state, dispatch }: Omit<Sources, 'log'>): ControlAnswer {
  const at = clock.now();
  const judged = judgeSwitch(state(), at, force);
  if (!judged.ok) return { type: 'error', problem: judged.error };
  dispatch({ type: 'switch', at, force });
  return { type: 'switch', text: judged.value };
}

async function status({
  clock,
  addresses,
  questions,
  state,
  loaded,
  sockets,
}: Omit<Sources, 'log'>): Promise<ControlAnswer> {
  const [interfaces, lvs] = await Promise.all([addresses.interfaces(), questions.report()]);
  return statusOf({
    ...{ at: clock.now(), state: state(), loaded: loaded(), interfaces, lvs },
    dropped: sockets.counters(),
    late: sockets.late(),
    unguarded: sockets.unguarded(),
    version: release,
    pid: process.pid,
  });
}
