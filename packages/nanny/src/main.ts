// The nanny's entry: for lvs on a pipe (lean, nothing loaded that is not needed), or by hand with options.
import '@piranha/runtime/no-debugger';
import { explain } from '@piranha/runtime';
import { runForParent } from './run.ts';

/** Exit status after a bug (EX_SOFTWARE of sysexits.h); lvs starts another nanny. */
const bugStatus = 70;

process.title = 'nanny';
process.on('uncaughtException', (error) => {
  process.stderr.write(`nanny: a bug ended this process: ${explain(error)}\n`);
  process.exit(bugStatus);
});

async function main(args: readonly string[]): Promise<number> {
  if (args.length === 1 && args[0] === '--commands') return runForParent();
  const { runByHand } = await import('./by-hand.ts');
  return runByHand(args);
}

void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
