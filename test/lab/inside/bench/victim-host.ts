// The host of the real server that is killed and brought back, and how it gets the address of one of the farm's.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Host } from '../host.ts';
import { makeHost } from '../host.ts';
import { victimProgram } from '../lab.ts';
import { serverPort } from '../many-services.ts';
import { plugIn, unplug } from '../network.ts';

/** How a server dies: its listener is closed, or its packets are dropped. */
export type Death = 'refuse' | 'silence';

/** The victim; what it is told gives the moment (ms, monotonic) at which it was done. */
export type Victim = {
  /** Traffic of a router to this address comes here from now on. */
  readonly takeAddress: (router: Host, address: string) => Promise<void>;
  /** Gives it back to the farm. */
  readonly giveBack: (router: Host, address: string) => Promise<void>;
  /** Dies so long (ms) after the next check that it sees. */
  readonly die: (death: Death, afterMs: number) => Promise<number>;
  /** Answers again so long (ms) from now. */
  readonly answer: (afterMs: number) => Promise<number>;
  readonly destroy: () => Promise<void>;
};

const ownAddress = '10.2.0.30';

/** A check comes every second, and twice that while the server was silent. */
const limit = 30_000;

/** Makes the host and starts its program. */
export async function makeVictim(): Promise<Victim> {
  const host = await makeHost('victim');
  await plugIn(host, [{ net: 'prv', address: ownAddress }]);
  const enter = ['--target', String(host.pid), '--net', '--mount', '--pid', '--uts', '--ipc', '--'];
  const program = spawn('nsenter', [...enter, process.execPath, victimProgram, String(serverPort)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(program.stdout);
  const nextLine = async (): Promise<number> => {
    const [line] = (await once(lines, 'line', { signal: AbortSignal.timeout(limit) })) as [string];
    return Number(line.split(' ')[1]);
  };
  const tell = (order: string): Promise<number> => {
    program.stdin.write(`${order}\n`);
    return nextLine();
  };
  await nextLine();
  return {
    takeAddress: async (router, address) => {
      await host.must(['ip', 'route', 'replace', 'local', `${address}/32`, 'dev', 'lo']);
      await router.must(['ip', 'route', 'replace', `${address}/32`, 'via', ownAddress]);
    },
    giveBack: async (router, address) => {
      await router.must(['ip', 'route', 'delete', `${address}/32`]);
    },
    die: (death, afterMs) => tell(`${death} ${afterMs}`),
    answer: (afterMs) => tell(`answer ${afterMs}`),
    destroy: async () => {
      const ended = once(program, 'close');
      program.stdin.end();
      await ended;
      await host.destroy();
      await unplug(host.name);
    },
  };
}
