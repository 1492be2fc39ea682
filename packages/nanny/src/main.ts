// The nanny's entry: for lvs on a pipe (lean, nothing loaded that is not needed), or by hand with options.
import '@piranha/runtime/no-debugger';
import { visible, visibleLines } from '@piranha/domain';
import { explain } from '@piranha/runtime';
import { giveUpRoot } from './hands/give-up-root.ts';
import { runForParent } from './run.ts';

/** Exit status after a bug (EX_SOFTWARE of sysexits.h); lvs starts another nanny. */
const bugStatus = 70;
/** Exit status where it cannot give up root (EX_NOPERM); lvs tries again later. */
const stillRoot = 77;

const asUser = '--user=';

process.title = 'nanny';
process.on('uncaughtException', (error) => {
  process.stderr.write(`${visibleLines(`nanny: a bug ended this process: ${explain(error)}`)}\n`);
  process.exit(bugStatus);
});

async function main(args: readonly string[]): Promise<number> {
  const [first, second = '', ...others] = args;
  if (first === '--commands' && others.length === 0 && (second === '' || second.startsWith(asUser))) {
    return runForLvs(second.slice(asUser.length));
  }
  const { runByHand } = await import('./hands/by-hand.ts');
  return runByHand(args);
}

/** What it reads from now on is others' bytes: root is given up before the first of them. */
async function runForLvs(user: string): Promise<number> {
  const become = user === '' ? undefined : await giveUpRoot(user);
  if (become?.ok !== false) return runForParent();
  process.stderr.write(`${visible(become.error)}\n`);
  return stillRoot;
}

void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
