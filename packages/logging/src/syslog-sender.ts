// Datagrams to the system log, never waiting. While there is no log daemon the first lines are kept for it. What a daemon
// that is too slow does not take is lost and counted, and it is told the count later.
import type { Sent, UnixDatagram } from '@piranha/libc';

/** Where lines for the system log go in. */
export type SyslogSender = {
  /** Sends one datagram, or keeps it, or counts it as lost. */
  readonly send: (datagram: string) => void;
  /** Sends what is kept, if there is room for it now, and lets the socket go. */
  readonly close: () => void;
};

/** What a sender needs. */
export type SyslogSenderParts = {
  readonly socket: UnixDatagram;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  /** Calls once, after this time; the answer calls it off. */
  readonly later: (ms: number, call: () => void) => () => void;
  /** The datagram that says how many were lost. */
  readonly lostDatagram: (count: number) => string;
};

/** A log daemon that is absent is looked for once in this time. */
const retryMs = 1000;
/** At boot the log daemon may come after us: this many lines wait for it. */
const keptMost = 100;

/** Sends to the log daemon; finds it again, by itself while lines are kept, when it was started afresh. */
export function syslogSender({ socket, now, later, lostDatagram }: SyslogSenderParts): SyslogSender {
  let connected = false;
  let nextTry = -Infinity;
  /** The oldest ones: they say why. */
  let kept: string[] = [];
  let lost = 0;
  let callOff: (() => void) | undefined;

  const connect = (): boolean => {
    if (now() < nextTry) return false;
    nextTry = now() + retryMs;
    connected = socket.connect().ok;
    return connected;
  };

  const deliver = (datagram: string): Sent => {
    const bytes = Buffer.from(datagram);
    const sent = connected ? socket.send(bytes) : 'gone';
    if (sent !== 'gone') return sent;
    connected = false;
    return connect() ? socket.send(bytes) : 'gone';
  };

  /** Sends what is kept, then the count; the log must not look whole where it is not. */
  const catchUp = (): boolean => {
    const stuck = kept.findIndex((datagram) => deliver(datagram) !== 'sent');
    kept = stuck === -1 ? [] : kept.slice(stuck);
    if (kept.length === 0 && lost > 0 && deliver(lostDatagram(lost)) === 'sent') lost = 0;
    return kept.length === 0 && lost === 0;
  };

  /** A line that follows kept ones is kept, too, until one is lost: they stay in their order. */
  const keepOrLose = (datagram: string, result: Sent): void => {
    if (lost === 0 && kept.length < keptMost && (result === 'gone' || kept.length > 0)) kept.push(datagram);
    else lost += 1;
  };

  const tryAgain = (): void => {
    callOff = undefined;
    if (!catchUp()) callOff = later(retryMs, tryAgain);
  };

  const send = (datagram: string): void => {
    const result = catchUp() ? deliver(datagram) : 'full';
    if (result === 'sent') return;
    keepOrLose(datagram, result);
    callOff ??= later(retryMs, tryAgain);
  };

  const close = (): void => {
    callOff?.();
    catchUp();
    socket.close();
  };
  return { send, close };
}
