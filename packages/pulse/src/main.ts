// The command `pulse`.
import '@piranha/runtime/no-debugger';
import { version } from '@piranha/runtime';
import { readOptions } from './options.ts';
import { run } from './run.ts';

process.title = 'pulse';
void run(readOptions(process.argv, version('pulse')));
