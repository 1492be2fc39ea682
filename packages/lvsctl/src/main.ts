// The command `lvsctl`.
import '@piranha/runtime/no-debugger';
import { version } from '@piranha/runtime';
import { readOrder } from './hands/options.ts';
import { run } from './run.ts';

process.title = 'lvsctl';
// Whoever reads us may have seen enough: `lvsctl status | head`.
process.stdout.on('error', () => process.exit(0));
void run(readOrder(process.argv, version('lvsctl'))).then(({ output, complaint, status }) => {
  process.stdout.write(output);
  process.stderr.write(complaint);
  process.exitCode = status;
});
