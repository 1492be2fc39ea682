// An error for the log.

/** The error's stack and those of all its causes, on one line. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own} because of ${explain(error.cause)}`;
}
