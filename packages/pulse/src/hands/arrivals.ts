// When datagrams arrived, as far as a process can tell: not when it came to each of them.
import type { Clock, Instant } from '@piranha/domain';

/**
 * The same moment for everything that is read in one turn of the event loop: it was all there when the turn began, or came
 * while we were busy. A partner that could not reach us for seconds may be heard with all that it said at once (its kernel
 * keeps what waits for an answer to ARP), and working through that takes us a while in which it has said nothing new.
 */
export function arrivals(clock: Clock): () => Instant {
  let turn: Instant | undefined;
  return () => {
    if (turn === undefined) {
      turn = clock.now();
      // Immediates come after sockets in Node's loop.
      setImmediate(() => {
        turn = undefined;
      });
    }
    return turn;
  };
}
