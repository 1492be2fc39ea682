// What pulse asks lvs: how it stands, and what administrators order about servers. Every question has a number.
import type { Millis, Outcome } from '@piranha/domain';
import { failure, seconds, success } from '@piranha/domain';
import type { LvsCommand, LvsReport, ServerOrder } from '@piranha/protocol';
import { encodeLine } from '@piranha/protocol';
import type { LvsAnswer } from '../state-parts.ts';

type Question = Extract<LvsCommand, { readonly type: 'report' | 'order-server' }>;

/** What was done; `unsaved`: why a restart of lvs would forget it. */
type Done = { readonly text: string; readonly unsaved: string | null };

/** Questions to the lvs that runs at the moment. */
export type LvsQuestions = {
  /** The report, or why there is none. Who asks while a question is on its way gets the same answer. */
  readonly report: () => Promise<Outcome<LvsReport, string>>;
  /** Hands an order on: what was done and why it is not saved, or why nothing was done. */
  readonly order: (order: ServerOrder) => Promise<Outcome<Done, string>>;
  /** An lvs runs from now on and reads what is sent to it. */
  readonly onLvsStarted: (send: (line: string) => void) => void;
  readonly onLvsEnded: () => void;
  readonly onAnswer: (message: LvsAnswer) => void;
};

/** A hanging lvs keeps nobody waiting longer. */
const answerLimit = seconds(2);

/** Begins without an lvs. */
export function makeLvsQuestions(limit: Millis = answerLimit): LvsQuestions {
  const waiting = new Map<number, (answer: Outcome<LvsAnswer, string>) => void>();
  let send: ((line: string) => void) | undefined;
  let lastId = 0;
  let reporting: Promise<Outcome<LvsReport, string>> | undefined;

  const ask = (question: (id: number) => Question): Promise<Outcome<LvsAnswer, string>> => {
    if (send === undefined) return Promise.resolve(failure('lvs does not run'));
    const id = ++lastId;
    send(encodeLine(question(id)));
    return new Promise((resolve) => {
      const finish = (answer: Outcome<LvsAnswer, string>): void => {
        clearTimeout(late);
        waiting.delete(id);
        resolve(answer);
      };
      const late = setTimeout(finish, limit, failure(`lvs has not answered within ${limit} ms`));
      waiting.set(id, finish);
    });
  };

  const report = async (): Promise<Outcome<LvsReport, string>> => {
    const answer = await ask((id) => ({ type: 'report', id }));
    reporting = undefined;
    if (!answer.ok) return answer;
    return answer.value.type === 'report' ? success(reportIn(answer.value)) : wrongAnswer;
  };

  return {
    report: () => (reporting ??= report()),
    order: async (order) => {
      const answer = await ask((id) => ({ type: 'order-server', id, order }));
      if (!answer.ok) return answer;
      if (answer.value.type !== 'server-ordered') return wrongAnswer;
      const { done, text, unsaved } = answer.value;
      return done ? success({ text, unsaved }) : failure(text);
    },
    onLvsStarted: (to) => {
      send = to;
    },
    onLvsEnded: () => {
      send = undefined;
      for (const finish of [...waiting.values()]) finish(failure('lvs has ended'));
    },
    // A late answer belongs to a question that was given up.
    onAnswer: (message) => waiting.get(message.id)?.(success(message)),
  };
}

const wrongAnswer = failure('lvs has answered something else');

const reportIn = (message: Extract<LvsAnswer, { type: 'report' }>): LvsReport => {
  const { role, digest, table, troubles, ownAddresses, owned, virtualServers } = message;
  return { role, digest, table, troubles, ownAddresses, owned, virtualServers };
};
