// What every part of the suite logs through; who writes it where is winston-logger.ts' business.

/** Facts that belong to a line, shown as `key=value` behind its text. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** How grave a line is (syslog's names, RFC 5424 table 2). */
export type LogLevel = 'error' | 'warning' | 'notice' | 'info' | 'debug';

/** Writes one line and never blocks. The text is never used as a format. */
export type LogLine = (text: string, fields?: LogFields) => void;

/** A log with one function a level. */
export type Logger = Readonly<Record<LogLevel, LogLine>>;
