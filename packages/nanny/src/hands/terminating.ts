// The line that tells which signal ends a nanny.
import { constants } from 'node:os';

/** With the signal's number, as the original says it. */
export const terminating = (signal: NodeJS.Signals): string => `Terminating due to signal ${constants.signals[signal]}`;
