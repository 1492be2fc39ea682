// How a check ends: a success, or a failure whose reason is told in words.
import type { Outcome } from '@piranha/domain';

/** The result of one check. */
export type CheckResult = Outcome<null, string>;
