// Datagrams to the system log, never waiting: what it does not take is counted, and it is told the count later.
import type { UnixDatagram } from '@piranha/libc';

/** Where lines for the system log go in. */
export type SyslogSender = {
  /** Sends one datagram, or counts it as lost. */
  readonly send: (datagram: string) => void;
  /** Says what was lost, if there is room for it now, and lets the socket go. */
  readonly close: () => void;
};

/** What a sender needs. */
export type SyslogSenderParts = {
  readonly socket: UnixDatagram;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  /** The datagram that says how many were lost. */
  readonly lostDatagram: (count: number) => string;
};

/** A log daemon that is absent is looked for once in this time. */
const retryMs = 1000;

/** Sends to the log daemon; finds it again, by the next line, when it was started afresh. */
export function syslogSender({ socket, now, lostDatagram }: SyslogSenderParts): SyslogSender {
  let connected = false;
  let nextTry = -Infinity;
  let lost = 0;

  const connect = (): boolean => {
    if (now() < nextTry) return false;
    nextTry = now() + retryMs;
    connected = socket.connect().ok;
    return connected;
  };

  const deliver = (datagram: string): boolean => {
    const bytes = Buffer.from(datagram);
    const sent = connected ? socket.send(bytes) : 'gone';
    if (sent !== 'gone') return sent === 'sent';
    connected = false;
    return connect() && socket.send(bytes) === 'sent';
  };

  const tellLost = (): void => {
    if (lost > 0 && deliver(lostDatagram(lost))) lost = 0;
  };

  const send = (datagram: string): void => {
    tellLost();
    // Not before the count is told: the log must not look whole where it is not.
    if (lost > 0 || !deliver(datagram)) lost += 1;
  };

  const close = (): void => {
    tellLost();
    socket.close();
  };
  return { send, close };
}
