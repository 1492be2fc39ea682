// What a check expects to be answered, and whether the bytes that came so far are it.
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import { decodeBytes, decodeExpression } from './escapes.ts';
import { asRe2, looksAtTheEnd, namesBytes } from './posix-regex.ts';

/** `open`: right as far as it goes, but not enough. `met-so-far`: right unless there is more to come. */
type Finding = 'met' | 'unmet' | 'open' | 'met-so-far';

/** Looks at all that came so far, which is all there will be when it is `complete`. */
type Find = (answer: Buffer, complete: boolean) => Finding;

export type Expectation = {
  readonly find: Find;
  /** No more of an answer is looked at (bytes). */
  readonly mostBytes: number;
  /** How much work one byte may be, at worst. */
  readonly steps: number;
};

/** No more than this of any answer is looked at. */
const mostBytes = 64 * 1024;

/** What is found at once, however long an answer is. */
const simple = (find: Find): Expectation => ({ find, mostBytes, steps: 0 });

/** Any answer of at least one byte. */
const anyAnswer: Find = (answer) => (answer.length > 0 ? 'met' : 'open');

/** An answer that begins with these bytes. */
function beginsWith(wanted: Buffer): Find {
  return (answer) => {
    const length = Math.min(wanted.length, answer.length);
    if (!wanted.subarray(0, length).equals(answer.subarray(0, length))) return 'unmet';
    return length === wanted.length ? 'met' : 'open';
  };
}

/** The output of a program: exactly this, but for a line end that may follow. */
function isExactly(wanted: Buffer): Find {
  const line = Buffer.concat([wanted, Buffer.from('\n')]);
  return (output) => (output.equals(wanted) || output.equals(line) ? 'met' : 'unmet');
}

/** Compiling a longer expression (characters) could keep pulse from its heartbeats. */
const longestExpression = 1000;

/**
 * A hostile answer may make the library visit every instruction of an expression for every byte, some 100 ns each. Nobody
 * else is served meanwhile: this many such steps are a tenth of a second at worst.
 */
const mostSteps = 2 ** 20;
/** So that at least 256 bytes of an answer are looked at. */
const mostInstructions = 4096;

/** Text that stands for itself is looked for without any of that. */
const isPlain = (pattern: string): boolean => /^(?:[^\\^$.|?*+()[\]{}]|\\[^\w\s<>])+$/su.test(pattern);

/** An answer with this regular expression anywhere in it; as in POSIX, a dot is any character, a line end too. */
async function contains(pattern: string): Promise<Outcome<Expectation, string>> {
  const problem = problemOf(pattern);
  if (problem !== undefined) return failure(`expect is not a valid regular expression: ${problem}`);
  // Loaded here because few checks need it. Its time grows with the answer only: no pattern can make it hang.
  const { RE2JS, RE2JSSyntaxException } = await import('re2js');
  const found = looksAtTheEnd(pattern) ? 'met-so-far' : 'met';
  // An answer is UTF-8, unless the expression names bytes: then each of its bytes is one character.
  const characters = namesBytes(pattern) ? (answer: Buffer) => answer.toString('latin1') : (answer: Buffer) => answer;
  try {
    const regex = RE2JS.compile(asRe2(pattern), RE2JS.DOTALL);
    const instructions = regex.programSize();
    if (instructions > mostInstructions) return failure(tooLarge(instructions));
    const steps = isPlain(pattern) ? 1 : instructions;
    const most = Math.min(mostBytes, Math.floor(mostSteps / steps));
    const find: Find = (answer, all) => {
      const complete = all || answer.length >= most;
      if (regex.test(characters(answer.subarray(0, most)))) return complete ? 'met' : found;
      return complete ? 'unmet' : 'open';
    };
    return success({ find, mostBytes: most, steps });
  } catch (error) {
    // Whatever the library throws here, it does not take this expression.
    const words = error instanceof RE2JSSyntaxException ? error.getDescription() : String(error);
    return failure(`expect is not a valid regular expression: ${words.slice(0, 200)}`);
  }
}

const tooLarge = (instructions: number): string =>
  `expect is not a valid regular expression: it is too large, ${instructions} instructions: at most ${mostInstructions}, so ` +
  'repeat less ({N})';

function problemOf(pattern: string): string | undefined {
  if (pattern.length > longestExpression) return `it is longer than ${longestExpression} characters`;
  // eslint-disable-next-line no-control-regex -- all of ASCII is meant
  return namesBytes(pattern) && /[^\x00-\x7f]/.test(pattern)
    ? 'a byte such as \\xff and a character outside of ASCII cannot stand in one expression'
    : undefined;
}

/**
 * Reads a check's expectation; undefined where any answer and none will do. A text without expressions is the `beginning`
 * of a server's answer, or the `whole` output of a program.
 */
export async function readExpectation(
  { expect, useRegex }: { readonly expect: string | null; readonly useRegex: boolean },
  plain: 'beginning' | 'whole',
): Promise<Outcome<Expectation | undefined, string>> {
  if (expect === null || expect === '') return success(undefined);
  const bytes = decodeBytes(expect);
  if (bytes.toString('latin1') === '*') return success(simple(anyAnswer));
  if (useRegex) return contains(decodeExpression(expect));
  return success(simple(plain === 'beginning' ? beginsWith(bytes) : isExactly(bytes)));
}
