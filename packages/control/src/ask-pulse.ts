// Questions to the running pulse, for every program that asks: lvsctl, and what shows or counts.
import type { Millis, Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import type { ControlAnswer, ControlRequest, WaitingAnswer } from '@piranha/protocol';
import { decodeControlAnswer, encodeLine } from '@piranha/protocol';
import type { NoAnswer } from '@piranha/runtime/sockets';
import { othersShown, shownPulse } from '@piranha/runtime/processes';
import { askControlSocket, controlSocketPath } from '@piranha/runtime/sockets';

type AnswerTo<Type> = Extract<ControlAnswer, { readonly type: Type }>;

/** An answer, decoded and as it came. */
export type Answered<Type> = { readonly answer: AnswerTo<Type>; readonly line: string };

/** Why pulse gave no such answer; `waiting`: it has not begun yet, and that is what it said. */
export type NotAnswered = NoAnswer & { readonly waiting?: { readonly answer: WaitingAnswer; readonly line: string } };

/** Asks pulse one thing; the error says whether it runs at all. */
export async function askPulse<Type extends ControlRequest['type']>(
  socket: string,
  request: Extract<ControlRequest, { readonly type: Type }> & { readonly type: Type },
  limit?: Millis,
): Promise<Outcome<Answered<Type>, NotAnswered>> {
  const asked = await askControlSocket(socket, encodeLine(request), limit);
  if (!asked.ok) return failure(notAnswered(asked.error, socket));
  const broken = (problem: string) => failure({ type: 'broken', problem } as const);
  const decoded = decodeControlAnswer(asked.value);
  if (!decoded.ok) return broken(`the answer of pulse cannot be read, is it another release? ${decoded.error}`);
  if (decoded.value.type === 'error') return broken(`pulse says: ${decoded.value.problem}`);
  if (decoded.value.type === 'waiting') {
    const problem = `pulse waits for ${decoded.value.problem}`;
    return failure({ type: 'broken', problem, waiting: { answer: decoded.value, line: asked.value } });
  }
  if (!answers(decoded.value, request.type)) return broken(`pulse answered ${decoded.value.type} to ${request.type}`);
  return success({ answer: decoded.value, line: asked.value });
}

const answers = <Type extends ControlRequest['type']>(answer: ControlAnswer, type: Type): answer is AnswerTo<Type> =>
  answer.type === type;

/** A socket that was deleted or has something else in its place says nothing of whether pulse runs: its name in the kernel does. */
function notAnswered(error: NoAnswer, socket: string): NoAnswer {
  const [running] = error.type === 'absent' && socket === controlSocketPath ? othersShown(shownPulse) : [];
  if (running === undefined) return { ...error, problem: inWords(error, socket) };
  const problem = `pulse runs (pid ${running.pid}), but nobody listens on ${socket}: remove what lies there; pulse puts its socket back`;
  return { type: 'broken', problem };
}

function inWords({ type, problem }: NoAnswer, socket: string): string {
  switch (type) {
    case 'absent':
      return `pulse does not run (nobody listens on ${socket})`;
    case 'forbidden':
      return `only root may ask pulse: run lvsctl as root (${problem})`;
    case 'broken':
      return problem;
  }
}
