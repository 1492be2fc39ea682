// Checks over UDP: a datagram out, and one back; where none is expected, it is enough that none is refused.
import { createSocket } from 'node:dgram';
import { endpoint, failure, familyOf, success } from '@piranha/domain';
import type { Bounds } from './attempt.ts';
import { attempt } from './attempt.ts';
import type { CheckResult } from '../rules/check-result.ts';
import { systemFailure } from '../rules/check-result.ts';
import { quote } from '../rules/describe.ts';
import type { Question } from '../rules/question.ts';

/** A question without an answer is asked again after so long (ms), then after twice that, and so on, as TCP does. */
const patience = 1000;
const mostPatience = 60_000;

/**
 * Asks; again where a datagram may have been lost. Without an expectation this takes the whole time: silence is the
 * good answer.
 */
export function checkUdp(question: Question, bounds: Bounds): Promise<CheckResult> {
  const { address, port, send, expectation } = question;
  const server = endpoint(address, port);
  return attempt(bounds, (settle) => {
    // Connected: the kernel drops what others send, and tells when the server's machine refuses.
    const socket = createSocket(familyOf(address) === 4 ? 'udp4' : 'udp6');
    socket.on('error', (error) => {
      settle(systemFailure(error));
    });
    socket.on('message', (datagram) => {
      const met = expectation === undefined || expectation.find(datagram, true) === 'met';
      settle(met ? success(null) : failure(`unexpected answer ${quote(datagram)}`));
    });
    let again: NodeJS.Timeout | undefined;
    const ask = (pause: number): void => {
      socket.send(send ?? Buffer.alloc(0), (error) => {
        if (error) settle(systemFailure(error));
      });
      again = setTimeout(ask, pause, Math.min(2 * pause, mostPatience));
    };
    socket.once('connect', () => {
      ask(patience);
    });
    socket.connect(port, address);
    return {
      atLimit: () => (expectation === undefined ? success(null) : failure(`READ to ${server} timed out`)),
      close: () => {
        clearTimeout(again);
        socket.close();
      },
    };
  });
}
