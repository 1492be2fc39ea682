// How a process came to its end: a fact like any other.

/** The end of a process. */
export type Ending =
  | { readonly type: 'exited'; readonly code: number }
  | { readonly type: 'killed'; readonly signal: string }
  | { readonly type: 'not-started'; readonly cause: string }
  /** Of a process that is not our child: nobody tells how it ended. */
  | { readonly type: 'vanished' };

/** An ending in words that follow the name of the program, for log lines. */
export function describeEnding(ending: Ending): string {
  switch (ending.type) {
    case 'exited':
      return `exited with status ${ending.code}`;
    case 'killed':
      return `was killed by ${ending.signal}`;
    case 'not-started':
      return `could not be started: ${ending.cause}`;
    case 'vanished':
      return 'has ended';
  }
}
