// The signals that a daemon lives by.

/** What each signal does. */
export type SignalActions = {
  readonly onStop: (name: 'SIGTERM' | 'SIGINT') => void;
  readonly onReload: () => void;
  /** Without it these two do nothing. */
  readonly onUser?: (name: 'SIGUSR1' | 'SIGUSR2') => void;
};

/** Listens; the answer stops listening. */
export function listenToSignals(actions: SignalActions): () => void {
  const handlers: readonly (readonly [NodeJS.Signals, () => void])[] = [
    [
      'SIGTERM',
      () => {
        actions.onStop('SIGTERM');
      },
    ],
    [
      'SIGINT',
      () => {
        actions.onStop('SIGINT');
      },
    ],
    ['SIGHUP', actions.onReload],
    ['SIGUSR1', () => actions.onUser?.('SIGUSR1')],
    ['SIGUSR2', () => actions.onUser?.('SIGUSR2')],
  ];
  // Never taken away again: without a listener the last words to a pipe that has lost its reader would kill us.
  process.on('SIGPIPE', () => undefined);
  for (const [name, act] of handlers) process.on(name, act);
  return () => {
    for (const [name, act] of handlers) process.off(name, act);
  };
}
