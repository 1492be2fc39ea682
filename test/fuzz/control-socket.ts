// A control socket among clients that send anything, in any pieces, hang up at any time, or never: whoever asks properly
// is answered, nothing throws, and neither memory nor open files grow.
import { readdirSync, mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { milliseconds } from '@piranha/domain';
import { decodeControlRequest, encodeLine } from '@piranha/protocol';
import { askControlSocket, openControlSocket } from '@piranha/runtime/sockets';
import type { Random } from '@piranha/testing';
import { chunksOf, damaged, randomBytes } from './bytes.ts';
import { memoryGrowth, trials, within } from './trials.ts';

const good = Buffer.from(encodeLine({ type: 'switch', force: true }));

/** As pulse answers, but for the orders. */
const answer = (line: string): Promise<string> => {
  const request = decodeControlRequest(line);
  return Promise.resolve(
    encodeLine(request.ok ? { type: 'switch', text: 'yes' } : { type: 'error', problem: request.error }),
  );
};

const requests = (random: Random): Buffer =>
  random.pick([
    () => good,
    () => damaged(good, random),
    () => randomBytes(random, random.whole(0, 500)),
    () => Buffer.concat([randomBytes(random, 50), Buffer.from('\n'), good]),
    () => Buffer.alloc(random.whole(1, 200_000), 'x'),
    () => Buffer.from(`${'['.repeat(random.whole(1, 60_000))}\n`),
  ])();

/** How a client leaves: politely, rudely, or not at all. */
const farewells: readonly [(socket: Socket) => void, ...((socket: Socket) => void)[]] = [
  (socket) => socket.end(),
  (socket) => socket.destroy(),
  () => undefined,
];

/** Everything that comes until the other end hangs up. */
async function disturb(path: string, random: Random): Promise<string | undefined> {
  const socket = connect(path);
  socket.on('error', () => undefined);
  const heard = text(socket).catch(() => '');
  for (const chunk of chunksOf(requests(random), random).slice(0, 400)) {
    if (socket.writable) socket.write(chunk);
    if (random.chance(0.05)) await new Promise((resolve) => setImmediate(resolve));
  }
  random.pick(farewells)(socket);
  const said = await within(20_000, heard);
  socket.destroy();
  if (said === undefined) return 'a client was neither answered nor cut off';
  return said === '' || /^\{"type":"(switch|error)",.*\}\n$/.test(said)
    ? undefined
    : `answered ${JSON.stringify(said)}`;
}

/** Cut off soon, so that clients that never leave cost little time. */
const patience = milliseconds(100);
const mostGrowth = 128;

async function open() {
  const folder = mkdtempSync(join(tmpdir(), 'piranha-fuzz-'));
  const path = join(folder, 'run', 'pulse.sock');
  const problems: string[] = [];
  const onError = (problem: string): void => void problems.push(problem);
  const opened = await openControlSocket({ path, answer, onError, patience });
  if (!opened.ok) throw new Error(opened.error);
  const growth = memoryGrowth();
  const descriptors = readdirSync('/proc/self/fd').length;
  const judge = async (random: Random): Promise<string | undefined> => {
    const disturbed = await disturb(path, random);
    if (disturbed !== undefined || !random.chance(0.1)) return disturbed;
    const asked = await askControlSocket(path, good.toString(), milliseconds(20_000));
    if (!asked.ok) return `a good request: ${asked.error.problem}`;
    return growth() > mostGrowth ? `memory has grown by ${growth()} MB` : undefined;
  };
  const close = async () => {
    const left = readdirSync('/proc/self/fd').length - descriptors;
    await opened.value.close();
    rmSync(folder, { recursive: true });
    const problem = left > 2 ? `${left} descriptors are left` : problems[0];
    return { problem, figures: `memory grew by ${growth()} MB` };
  };
  return { judge, close };
}

/** Clients by chance. Fewer at once than are let in. */
export const run = trials({ name: 'control-socket', open, atOnce: 8 });
