// The signals that a daemon lives by.

/** What each signal does; SIGUSR1 and SIGUSR2 do nothing unless asked for. */
export type SignalActions = {
  readonly onStop: (name: 'SIGTERM' | 'SIGINT') => void;
  readonly onReload: () => void;
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
    ['SIGUSR2', () => undefined],
    ['SIGPIPE', () => undefined],
  ];
  for (const [name, act] of handlers) process.on(name, act);
  return () => {
    for (const [name, act] of handlers) process.off(name, act);
  };
}
