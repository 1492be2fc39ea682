// lvs as the child of pulse: commands on standard input, messages on standard output.
import { configurationFromText, formatDiagnostic, readServices } from '@piranha/config';
import { syslogLogger, terminalLogger } from '@piranha/logging';
import type { LvsCommand } from '@piranha/protocol';
import { decodeLvsCommand, encodeLine } from '@piranha/protocol';
import { inTurn, listenToParent, systemClock } from '@piranha/runtime';
import { failoverRefusal } from './by-hand.ts';
import { startDaemon } from './daemon.ts';
import type { Options } from './options.ts';
import type { LvsEvent } from './state.ts';

/** Runs until pulse says so or is gone; gives the exit status. */
export async function runUnderPulse(options: Options): Promise<number> {
  const logger = (terminal: string, system: string) =>
    options.nodaemon ? terminalLogger(terminal, { ...options, stream: 'stderr' }) : syslogLogger(system, options);
  const log = logger('lvs', 'lvsd');
  // A pipe that breaks means that pulse is gone; its other end, standard input, tells so too.
  process.stdout.on('error', () => undefined);
  const daemon = startDaemon({
    options,
    log,
    nannyLog: logger('nanny', 'nanny'),
    tell: (message) => process.stdout.write(encodeLine(message)),
    onReload: () => {
      log.notice('SIGHUP is not for an lvs that pulse has started: send it to pulse');
    },
  });
  const commands = inTurn();
  const onLine = async (line: string): Promise<void> => {
    const command = decodeLvsCommand(line);
    if (!command.ok) log.error('pulse sent an unknown command', { problem: command.error });
    else if (command.value.type === 'report') daemon.report(command.value.id);
    else daemon.dispatch(await eventOf(command.value));
  };
  const onGone = (): Promise<void> => {
    daemon.dispatch({ type: 'parent-gone', at: systemClock.now() });
    return Promise.resolve();
  };
  listenToParent(
    (line) => void commands(() => onLine(line)),
    () => void commands(onGone),
  );
  return daemon.ended;
}

async function eventOf(command: Exclude<LvsCommand, { readonly type: 'report' }>): Promise<LvsEvent> {
  if (command.type === 'order-server') return { ...command, type: 'server-order', at: systemClock.now() };
  if (command.type === 'partner-orders') return { ...command, at: systemClock.now() };
  if (command.type === 'tick') return { ...command, at: systemClock.now() };
  const { file, text, names } = command;
  const loaded = configurationFromText(file, text, names, await readServices());
  const at = systemClock.now();
  if (!loaded.ok) {
    const problem = loaded.error.map((each) => formatDiagnostic(file, each)).join('\n');
    return { type: 'rejected', at, problem };
  }
  const { configuration, digest } = loaded.value;
  if (configuration.service === 'fos') return { type: 'rejected', at, problem: failoverRefusal };
  return { type: 'configured', at, configuration, digest };
}
