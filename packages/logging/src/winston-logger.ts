// Writes log lines through winston: to the terminal, or to the system log without ever waiting for it.
import { Writable } from 'node:stream';
import { unixDatagram } from '@piranha/libc';
import winston from 'winston';
import { bounded, lineOf, severities, syslogDatagram } from './line.ts';
import type { LogFields, Logger, LogLevel, LogLine } from './logger.ts';
import { syslogSender } from './syslog-sender.ts';

/** A logger that holds something open; lines after `close` go nowhere. */
export type CloseableLogger = Logger & { readonly close: () => Promise<void> };

/** Where on the terminal; `verbose` adds the level `debug`. */
export type TerminalOptions = {
  readonly verbose: boolean;
  readonly stream?: 'stdout' | 'stderr' | Writable;
};

/** Lines `ident: text key=value …` for people. A terminal that goes away stops the lines, not the process. */
export function terminalLogger(ident: string, { verbose, stream = 'stdout' }: TerminalOptions): CloseableLogger {
  const out = typeof stream === 'string' ? process[stream] : stream;
  out.on('error', () => undefined);
  const lines = startWinston({
    verbose,
    sink: out,
    eol: '\n',
    write: (_level, line) => bounded(`${ident}: ${line}`),
  });
  const flush = async (): Promise<void> =>
    new Promise((resolve) => {
      out.write('', () => {
        resolve();
      });
    });
  return asLogger(lines, flush);
}

/** Which system log; `verbose` adds the level `debug`. */
export type SyslogOptions = {
  readonly verbose: boolean;
  readonly devLog?: string;
};

/** Lines for the system log, facility daemon. A log daemon that is slow, stopped or absent
 * gets the first lines later; more than that costs lines, never time. */
export function syslogLogger(ident: string, { verbose, devLog = '/dev/log' }: SyslogOptions): CloseableLogger {
  const write = (level: LogLevel, line: string): string =>
    syslogDatagram(level, `${ident}[${process.pid}]`, line, new Date());
  const sender = syslogSender({
    socket: unixDatagram(devLog),
    now: () => performance.now(),
    later: (ms, call) => {
      // A process with nothing else to do does not stay for its log.
      const timer = setTimeout(call, ms).unref();
      return () => {
        clearTimeout(timer);
      };
    },
    lostDatagram: (count) => write('warning', lineOf('log lines were lost', { count })),
  });
  const sink = new Writable({
    decodeStrings: false,
    write: (datagram: string, _encoding, done) => {
      sender.send(datagram);
      done();
    },
  });
  const lines = startWinston({ verbose, sink, eol: '', write });
  return asLogger(lines, () => {
    sender.close();
    return Promise.resolve();
  });
}

type Lines = {
  readonly verbose: boolean;
  readonly sink: NodeJS.WritableStream;
  readonly eol: string;
  /** What is written for a line. */
  readonly write: (level: LogLevel, line: string) => string;
};

/** What goes through winston; the fields stand apart, so that none of their names means anything to winston. */
type Entry = { readonly level: LogLevel; readonly message: string; readonly fields: LogFields };

function startWinston({ verbose, sink, eol, write }: Lines): winston.Logger {
  const format = winston.format.printf((line) => {
    const { level, message, fields } = line as unknown as Entry;
    return write(level, lineOf(message, fields));
  });
  // The format belongs to the transport: there it costs nothing for a level that is not written.
  const transport = new winston.transports.Stream({ stream: sink, eol, format });
  const level = verbose ? 'debug' : 'info';
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston declares it as an interface
  return winston.createLogger({ levels: severities, level, transports: [transport] });
}

function asLogger(lines: winston.Logger, finish: () => Promise<void>): CloseableLogger {
  let closed = false;
  const at =
    (level: LogLevel): LogLine =>
    (message, fields = {}) => {
      const entry: Entry = { level, message, fields };
      if (!closed) lines.log(entry);
    };
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    lines.close();
    await finish();
  };
  return {
    ...{ error: at('error'), warning: at('warning'), notice: at('notice'), info: at('info'), debug: at('debug') },
    close,
  };
}
