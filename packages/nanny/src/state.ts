// What a nanny knows: the servers that it watches, and how each of them is.
import type { Instant } from '@piranha/domain';
import type { Check, NannyCommand, NannyMessage } from '@piranha/protocol';
import type { CheckNews } from './news.ts';
import type { CheckResult } from './rules/check-result.ts';
import type { Health } from './rules/health.ts';
import type { LoadAction, LoadResult, Loads } from './rules/load.ts';
import { noLoads } from './rules/load.ts';
import type { Trouble } from './rules/trouble.ts';
import { noTrouble } from './rules/trouble.ts';

/** One check of one server. */
export type Watched = {
  readonly check: Check;
  readonly health: Health;
  /** When the next check is due; it waits for the one under way. */
  readonly nextCheckAt: Instant;
  /** The number of the check under way. */
  readonly running: number | undefined;
};

/** A nanny's whole state. */
export type NannyState = {
  /** By the name that lvs gave. */
  readonly watches: ReadonlyMap<string, Watched>;
  /** Number of the last check that was started: an answer to an older order is recognised by its number. */
  readonly lastRun: number;
  readonly loads: Loads;
  readonly trouble: Trouble;
};

/** What happens to a nanny. */
export type NannyEvent =
  | { readonly type: 'command'; readonly at: Instant; readonly command: NannyCommand }
  | { readonly type: 'signal'; readonly to: 'up' | 'down' | 'auto' }
  | { readonly type: 'clock'; readonly at: Instant }
  | {
      readonly type: 'check-done';
      readonly at: Instant;
      readonly watch: string;
      readonly run: number;
      readonly result: CheckResult;
    }
  | {
      readonly type: 'query-done';
      readonly at: Instant;
      readonly watch: string;
      readonly run: number;
      readonly result: LoadResult;
    };

/** What a nanny does. */
export type NannyAction =
  | { readonly type: 'start-check'; readonly watch: string; readonly run: number; readonly check: Check }
  | { readonly type: 'cancel-check'; readonly run: number }
  | { readonly type: 'report'; readonly message: NannyMessage }
  | { readonly type: 'news'; readonly news: CheckNews }
  | LoadAction;

/** Nothing under watch. */
export const initialState: NannyState = { watches: new Map(), lastRun: 0, loads: noLoads, trouble: noTrouble };
