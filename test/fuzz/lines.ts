// Lines that no partner process would write: bytes by chance, and messages that something went wrong with. No reader
// throws; what one accepts it accepts again when it is written down; and a splitter of lines never holds more than a line.
import { isDeepStrictEqual } from 'node:util';
import { encodeLine, noLine, splitLines } from '@piranha/protocol';
import type { Random } from '@piranha/testing';
import { seededRandom } from '@piranha/testing';
import { chunksOf, damaged, randomBytes } from './bytes.ts';
import type { Target } from './fuzz.ts';
import { fuzz, smallerBytes } from './fuzz.ts';
import type { Reader } from './messages.ts';
import { readers } from './messages.ts';

type Case = { readonly reader: Reader; readonly bytes: Buffer };

const misfits: readonly [string, ...string[]] = [
  'null',
  ...['true', '0', '-1', '0.5', '1e308', '1e999', '-1e999', '9007199254740993', '70000', '4294967296'],
  ...['""', '"\\u0000"', '"\\ud800"', '"x"', '[]', '[[]]', '{}', '{"type":"tick"}', '{"__proto__":1}', '["__proto__"]'],
  ...['"10.0.0.300"', '"::1"', '"active"', '"constructor"', 'NaN', 'undefined', "'x'"],
];

const deep = (random: Random): string => {
  const depth = random.whole(10, 20_000);
  return random.chance(0.5)
    ? '['.repeat(depth) + ']'.repeat(depth)
    : '{"type":'.repeat(depth) + '1' + '}'.repeat(depth);
};

const misfit = (random: Random): string => {
  if (random.chance(0.005)) return deep(random);
  return random.chance(0.01) ? JSON.stringify('x'.repeat(random.whole(1, 100_000))) : random.pick(misfits);
};

/** The value as JSON, with a few parts replaced, left out or doubled. */
function wrong(value: unknown, random: Random, likely: number): string {
  if (random.chance(likely)) return misfit(random);
  if (Array.isArray(value)) {
    const parts = value.map((each) => wrong(each, random, likely));
    return `[${(random.chance(likely) ? [...parts, ...parts] : parts).join(',')}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const parts = Object.entries(value).flatMap(([name, each]) => {
    const part = `${JSON.stringify(name)}:${wrong(each, random, likely)}`;
    if (!random.chance(likely)) return [part];
    return random.pick([
      [],
      [part, `${JSON.stringify(name)}:${misfit(random)}`],
      [`"__proto__":${misfit(random)}`, part],
    ]);
  });
  return `{${parts.join(',')}}`;
}

function make(random: Random): Case {
  const reader = random.pick(readers);
  const good = reader.good[random.whole(0, reader.good.length - 1)];
  const text = Buffer.from(wrong(good, random, random.pick([0, 0.02, 0.1, 0.3])));
  const bytes = random.pick([text, text, damaged(text, random), randomBytes(random, random.whole(0, 200))]);
  return { reader, bytes };
}

function judge({ reader, bytes }: Case): string | undefined {
  const line = bytes.toString('utf8');
  const decoded = reader.decode(line);
  if (!decoded.ok)
    return decoded.error.length > 2000 ? `an error of ${decoded.error.length} characters` : splitWrongly(bytes);
  if (reader.keepsItsShape) {
    const again = reader.decode(encodeLine(decoded.value as { type: string }));
    if (!again.ok) return `accepted, but not once more: ${again.error}`;
    if (!isDeepStrictEqual(again.value, decoded.value)) return 'means something else when it is written down again';
  }
  return splitWrongly(bytes);
}

/** Whatever the chunks, the same lines come out, and nothing longer than the bound is kept. */
function splitWrongly(bytes: Buffer): string | undefined {
  const text = bytes.toString('latin1');
  const bound = 40;
  const pieces = text.split('\n').slice(0, -1);
  const expected = pieces.filter((line) => line.length <= bound);
  const lines: string[] = [];
  let [rest, dropped] = [noLine, 0];
  for (const chunk of chunksOf(bytes, seededRandom(bytes.length))) {
    const split = splitLines(rest, chunk.toString('latin1'), bound);
    rest = split.rest;
    dropped += split.dropped;
    lines.push(...split.lines);
    if (rest.text.length > bound) return `${rest.text.length} characters are kept`;
  }
  if (!isDeepStrictEqual(lines, expected)) return `other lines: ${JSON.stringify(lines)}`;
  return dropped === pieces.length - expected.length ? undefined : `${dropped} lines counted as dropped`;
}

const target: Target<Case> = {
  ...{ name: 'lines', make, judge, mostMs: 500 },
  *smaller({ reader, bytes }) {
    for (const fewer of smallerBytes(bytes)) yield { reader, bytes: fewer };
  },
  show: ({ reader, bytes }) => `${reader.name}: ${JSON.stringify(bytes.toString('latin1'))}`,
};

/** Lines by chance. */
export const run = fuzz(target);
