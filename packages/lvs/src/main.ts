// The command `lvs`, installed as lvsd.
import '@piranha/runtime/no-debugger';
import { version } from '@piranha/runtime';
import { readOptions } from './hands/options.ts';
import { run } from './run.ts';

process.title = 'lvsd';
void run(readOptions(process.argv, version('lvs'))).then((status) => process.exit(status));
