// A log line as text: what happened, then its facts.
import type { LogFields, LogLevel } from './logger.ts';
import { visible } from '@piranha/domain';

/** The longest line that is written, in bytes. */
export const longestLogLine = 2000;

/** Syslog's severities (RFC 5424, table 2). */
export const severities: Readonly<Record<LogLevel, number>> = { error: 3, warning: 4, notice: 5, info: 6, debug: 7 };

/** Syslog's facility for daemons (RFC 5424, table 1). */
const daemonFacility = 3;

/** `text key=value …` on one line; a value that could be misread stands in double quotes. */
export const lineOf = (text: string, fields: LogFields): string =>
  [
    shown(text),
    ...Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [pair(key, value)])),
  ].join(' ');

const pair = (key: string, value: string | number | boolean): string => `${shown(key)}=${shown(quoted(String(value)))}`;

const quoted = (value: string): string =>
  /^[^\s"=]+$/u.test(value) ? value : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** No more of it is looked at than could be written. */
const shown = (text: string): string => visible(text.slice(0, longestLogLine));

/** One datagram for the local system log (RFC 3164, as syslog(3) writes it: without a host name). */
export function syslogDatagram(level: LogLevel, sender: string, line: string, now: Date): string {
  const priority = daemonFacility * 8 + severities[level];
  return bounded(`<${priority}>${timestamp(now)} ${sender}: ${line}`);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Local time as `Mmm dd hh:mm:ss`; a day below ten has a blank in front. */
function timestamp(now: Date): string {
  const day = String(now.getDate()).padStart(2, ' ');
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map((part) => String(part).padStart(2, '0'));
  return `${months[now.getMonth()] ?? ''} ${day} ${time.join(':')}`;
}

const ellipsis = '…';

/** The line itself, or as much of its beginning as the bound allows, whole characters only. */
export function bounded(line: string): string {
  const bytes = Buffer.from(line);
  if (bytes.length <= longestLogLine) return line;
  let end = longestLogLine - Buffer.byteLength(ellipsis);
  while (isContinuation(bytes[end])) end -= 1;
  return bytes.toString('utf8', 0, end) + ellipsis;
}

/** Whether this byte is inside a UTF-8 character. */
const isContinuation = (byte = 0): boolean => (byte & 0xc0) === 0x80;
