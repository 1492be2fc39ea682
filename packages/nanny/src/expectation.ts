// What a check expects to be answered, and whether the bytes that came so far are it.
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import type { Check } from '@piranha/protocol';
import { shorten } from './describe.ts';
import { decodeEscapes } from './escapes.ts';
import { asRe2, looksAtTheEnd } from './posix-regex.ts';

/** `open`: right as far as it goes, but not enough. `met-so-far`: right unless there is more to come. */
type Finding = 'met' | 'unmet' | 'open' | 'met-so-far';

/** Looks at all that came so far, which is all there will be when it is `complete`. */
export type Expectation = (answer: Buffer, complete: boolean) => Finding;

/** Any answer of at least one byte. */
const anyAnswer: Expectation = (answer) => (answer.length > 0 ? 'met' : 'open');

/** An answer that begins with these bytes. */
function beginsWith(wanted: Buffer): Expectation {
  return (answer) => {
    const length = Math.min(wanted.length, answer.length);
    if (!wanted.subarray(0, length).equals(answer.subarray(0, length))) return 'unmet';
    return length === wanted.length ? 'met' : 'open';
  };
}

/** The output of a program: exactly this, but for a line end that may follow. */
function isExactly(wanted: Buffer): Expectation {
  const line = Buffer.concat([wanted, Buffer.from('\n')]);
  return (output) => (output.equals(wanted) || output.equals(line) ? 'met' : 'unmet');
}

/** An answer with this regular expression anywhere in it; as in POSIX, a dot is any character, a line end too. */
async function contains(pattern: string): Promise<Outcome<Expectation, string>> {
  // Loaded here because few checks need it. It takes linear time: no pattern and no answer can make it hang.
  const { RE2JS, RE2JSException, RE2JSSyntaxException } = await import('re2js');
  const found = looksAtTheEnd(pattern) ? 'met-so-far' : 'met';
  try {
    const regex = RE2JS.compile(asRe2(pattern), RE2JS.DOTALL);
    return success((answer, complete) => {
      if (regex.test(answer)) return complete ? 'met' : found;
      return complete ? 'unmet' : 'open';
    });
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const problem = error instanceof RE2JSSyntaxException ? error.getDescription() : error.message;
    return failure(`expect is not a valid regular expression: ${shorten(problem)}`);
  }
}

/** Reads a check's expectation; undefined where any answer and none will do. */
export async function readExpectation(
  check: Pick<Check, 'expect' | 'useRegex' | 'program'>,
): Promise<Outcome<Expectation | undefined, string>> {
  if (check.expect === null || check.expect === '') return success(undefined);
  const wanted = decodeEscapes(check.expect);
  if (wanted === '*') return success(anyAnswer);
  if (check.useRegex) return contains(wanted);
  const bytes = Buffer.from(wanted);
  return success(check.program === null ? beginsWith(bytes) : isExactly(bytes));
}
