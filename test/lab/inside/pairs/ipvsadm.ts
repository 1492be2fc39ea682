// One `ipvsadm -R` that gets batch after batch: the start of a process takes a hundred times as long as a batch.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Sighting } from './sighting.ts';
import { isOfLook, sightingsIn } from './sighting.ts';

export type Ipvsadm = {
  /** Gives lines to it, about which it may not complain; what was seen at each `look` among them. */
  readonly restore: <N extends 0 | 1 | 2>(what: string, lines: readonly string[], looks: N) => Promise<Looks<N>>;
  readonly close: () => void;
};

type Looks<N extends 0 | 1 | 2> = N extends 0
  ? readonly []
  : N extends 1
    ? readonly [Sighting]
    : readonly [Sighting, Sighting];

const saw = <N extends 0 | 1 | 2>(seen: readonly Sighting[], looks: N): seen is Looks<N> => seen.length === looks;

/** Nothing that ipvsadm does takes this long (ms). */
const limitMs = 30_000;
/** A command that changes nothing, and the one line that it prints: a batch ends with it. */
const [endCommand, end] = ['-L --timeout', /^Timeout \(/];

/** Starts it when it is needed, and again after a line at which it ends. */
export function openIpvsadm(): Ipvsadm {
  let child: ChildProcess | undefined;

  const start = (): ChildProcess => {
    // Its complaints stand among the other lines, each behind what was printed before it.
    const words = ['-c', 'exec stdbuf -oL ipvsadm -R 2>&1'];
    const started = spawn('sh', words, { stdio: ['pipe', 'pipe', 'inherit'] });
    started.stdin.on('error', () => undefined);
    started.once('close', () => {
      if (child === started) child = undefined;
    });
    child = started;
    return started;
  };

  const give = (lines: readonly string[]): Promise<readonly string[]> =>
    new Promise((resolve, reject) => {
      const running = child ?? start();
      const printed: string[] = [];
      if (running.stdout === null) throw new Error('no standard output');
      const reader = createInterface({ input: running.stdout });
      const finish = (problem?: string): void => {
        clearTimeout(deadline);
        running.off('close', onClose);
        reader.close();
        if (problem === undefined) resolve(printed);
        else reject(new Error(`${problem}: ${printed.slice(-3).join('; ')}`));
      };
      const onClose = (): void => {
        finish('ipvsadm ended');
      };
      const deadline = setTimeout(() => {
        running.kill('SIGKILL');
        finish('ipvsadm hangs');
      }, limitMs);
      running.once('close', onClose);
      reader.on('line', (line) => {
        if (end.test(line)) finish();
        else printed.push(line.trimEnd());
      });
      running.stdin?.write([...lines, endCommand, ''].join('\n'));
    });

  return {
    restore: async (what, lines, looks) => {
      const printed = (await give(lines)).filter((line) => line !== '');
      const complaints = printed.filter((line) => !isOfLook(line));
      if (complaints.length > 0) throw new Error(`${what}: ipvsadm said: ${complaints.join('; ')}`);
      const seen = sightingsIn(printed);
      if (!saw(seen, looks)) throw new Error(`${what}: the table was printed ${seen.length} times, not ${looks}`);
      return seen;
    },
    close: () => child?.kill('SIGKILL'),
  };
}
