// Checks over TCP: connect, perhaps send, perhaps read until the answer is the expected one or cannot be it any more.
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { endpoint, failure, success } from '@piranha/domain';
import type { Expectation } from '@piranha/protocol/expectation';
import type { Answer } from './answer.ts';
import { collectAnswer } from './answer.ts';
import type { Attempt, Bounds, Settle } from './attempt.ts';
import { attempt } from './attempt.ts';
import type { CheckResult } from '../rules/check-result.ts';
import { isNotMade, systemFailure } from '../rules/check-result.ts';
import type { Question } from '../rules/question.ts';

/** Asks once. */
export function checkTcp(question: Question, bounds: Bounds): Promise<CheckResult> {
  const { address, port, send, expectation } = question;
  const server = endpoint(address, port);
  return attempt(bounds, (settle) => {
    const socket = connect({ host: address, port });
    const conversation =
      expectation === undefined ? tell(socket, send, server, settle) : ask(socket, send, expectation, server, settle);
    socket.on('error', (error) => {
      const failed = systemFailure(error);
      settle(isNotMade(failed) || failed.ok ? failed : conversation.atError(failed.error));
    });
    return {
      atLimit: () => (socket.connecting ? failure(`CONNECT to ${server} timed out`) : conversation.atLimit()),
      close: () => {
        conversation.close();
        socket.destroy();
      },
    };
  });
}

/** What is said and heard on a connection. */
type Conversation = Attempt & Pick<Answer, 'atError'>;

/** Nothing is expected: enough that the connection stands and took what there is to send. */
function tell(socket: Socket, send: Buffer | undefined, server: string, settle: Settle): Conversation {
  socket.once('connect', () => {
    if (send === undefined) settle(success(null));
    else {
      // An error is told by the socket's own event.
      socket.write(send, (error) => {
        if (!error) settle(success(null));
      });
    }
  });
  return { atLimit: () => failure(`WRITE to ${server} timed out`), atError: failure, close: () => undefined };
}

function ask(
  socket: Socket,
  send: Buffer | undefined,
  expectation: Expectation,
  server: string,
  settle: Settle,
): Conversation {
  const answer = collectAnswer(server, expectation, settle);
  socket.once('connect', () => {
    if (send !== undefined) socket.write(send);
  });
  socket.on('data', answer.add);
  socket.once('end', () => {
    settle(answer.atEnd());
  });
  return answer;
}
