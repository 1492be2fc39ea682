// Asks lvs how it stands. One question is on its way at a time: who asks meanwhile gets the same answer.
import type { Millis, Outcome } from '@piranha/domain';
import { failure, seconds, success } from '@piranha/domain';
import type { LvsMessage, LvsReport } from '@piranha/protocol';
import { encodeLine } from '@piranha/protocol';

type ReportMessage = Extract<LvsMessage, { readonly type: 'report' }>;
type Answer = Outcome<LvsReport, string>;

/** Questions to the lvs that runs at the moment. */
export type LvsReports = {
  /** The report, or why there is none. */
  readonly ask: () => Promise<Answer>;
  /** An lvs runs from now on and reads what is sent to it. */
  readonly onLvsStarted: (send: (line: string) => void) => void;
  readonly onLvsEnded: () => void;
  readonly onReport: (message: ReportMessage) => void;
};

/** A hanging lvs keeps nobody waiting longer. */
const answerLimit = seconds(2);

/** Begins without an lvs. */
export function makeLvsReports(limit: Millis = answerLimit): LvsReports {
  let send: ((line: string) => void) | undefined;
  let lastId = 0;
  let waiting: { readonly answer: Promise<Answer>; readonly resolve: (answer: Answer) => void } | undefined;

  const finish = (answer: Answer): void => {
    waiting?.resolve(answer);
    waiting = undefined;
  };

  const ask = (): Promise<Answer> => {
    if (waiting !== undefined) return waiting.answer;
    if (send === undefined) return Promise.resolve(failure('lvs does not run'));
    lastId += 1;
    send(encodeLine({ type: 'report', id: lastId }));
    const late = setTimeout(() => {
      finish(failure(`lvs has not answered within ${limit} ms`));
    }, limit);
    const { promise, resolve } = deferred<Answer>();
    const answer = promise.finally(() => {
      clearTimeout(late);
    });
    waiting = { answer, resolve };
    return answer;
  };

  return {
    ask,
    onLvsStarted: (to) => {
      send = to;
    },
    onLvsEnded: () => {
      send = undefined;
      finish(failure('lvs has ended'));
    },
    onReport: ({ id, role, digest, table, owned, virtualServers }) => {
      // A late answer belongs to a question that was given up.
      if (id === lastId) finish(success({ role, digest, table, owned, virtualServers }));
    },
  };
}

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
