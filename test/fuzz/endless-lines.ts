// A partner process that forgets to end its line: the reader leaves it out, reads the next one, and holds no more of it
// than the longest line that there may be.
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { longestLine } from '@piranha/protocol';
import { readLines } from '@piranha/runtime';
import type { Random } from '@piranha/testing';
import { memoryGrowth, trials } from './trials.ts';

const chunk = 'x'.repeat(64 * 1024);
/** In MB: some copies of the longest line wait to be cleared away. */
const mostGrowth = 160;

/** Up to 64 MB without a line end in them, then a good line. */
async function judge(random: Random): Promise<string | undefined> {
  const stream = new PassThrough();
  const lines: string[] = [];
  let dropped = 0;
  readLines(
    stream,
    (line) => lines.push(line),
    (more) => {
      dropped += more;
    },
  );
  const chunks = random.whole(longestLine / chunk.length + 1, 1000);
  for (let left = chunks; left > 0; left -= 1) {
    if (!stream.write(chunk)) await once(stream, 'drain');
  }
  stream.end('\nnext\n');
  await once(stream, 'end');
  const right = dropped === 1 && lines.join() === 'next';
  return right ? undefined : `${dropped} lines left out, ${lines.length} read`;
}

function open() {
  const growth = memoryGrowth();
  return Promise.resolve({
    judge: async (random: Random) => {
      const problem = await judge(random);
      return problem ?? (growth() > mostGrowth ? `memory has grown by ${growth()} MB` : undefined);
    },
    close: () => Promise.resolve({ problem: undefined, figures: `memory grew by ${growth()} MB` }),
  });
}

/** Endless lines. */
export const run = trials({ name: 'endless-lines', open, atOnce: 1 });
