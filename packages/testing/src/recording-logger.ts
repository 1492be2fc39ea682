// A log that tests can read.
import type { LogFields, Logger, LogLevel } from '@piranha/logging';

/** One line as it was logged. */
export type RecordedLine = { readonly level: LogLevel; readonly text: string; readonly fields: LogFields };

/** A logger that keeps everything. */
export function recordingLogger(): { readonly log: Logger; readonly lines: readonly RecordedLine[] } {
  const lines: RecordedLine[] = [];
  const at =
    (level: LogLevel) =>
    (text: string, fields: LogFields = {}): void => {
      lines.push({ level, text, fields });
    };
  const log = {
    error: at('error'),
    warning: at('warning'),
    notice: at('notice'),
    info: at('info'),
    debug: at('debug'),
  };
  return { log, lines };
}
