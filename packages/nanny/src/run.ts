// A nanny as the child of lvs: commands on standard input, messages on standard output.
import type { NannyMessage } from '@piranha/protocol';
import { decodeNannyCommand, encodeLine } from '@piranha/protocol';
import { listenToParent, listenToSignals } from '@piranha/runtime';
import { terminating } from './hands/terminating.ts';
import { startNanny } from './hands/nanny.ts';

/** Runs until TERM, INT or the parent's end; gives the exit status. */
export function runForParent(): Promise<number> {
  return new Promise((resolve) => {
    const report = (message: NannyMessage): void => {
      process.stdout.write(encodeLine(message));
    };
    const nanny = startNanny({ report });
    const end = (): void => {
      nanny.stop();
      stopListening();
      process.stdin.destroy();
      resolve(0);
    };
    const onLine = (line: string): void => {
      const command = decodeNannyCommand(line);
      if (command.ok) nanny.obey(command.value);
      else report({ type: 'log', level: 'error', text: `a command that could not be read: ${command.error}` });
    };
    const stopListening = listenToSignals({
      onStop: (name) => {
        report({ type: 'log', level: 'info', text: terminating(name) });
        end();
      },
      onReload: () => {
        nanny.force('auto');
      },
      onUser: (name) => {
        nanny.force(name === 'SIGUSR1' ? 'down' : 'up');
      },
    });
    // Check programs have a group of their own and would outlive even a bug.
    process.once('exit', nanny.stop);
    process.stdout.on('error', end);
    listenToParent(onLine, end);
    report({ type: 'ready' });
  });
}
