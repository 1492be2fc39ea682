// What lvs and the log hear of a check's result.
import type { Check, NannyMessage } from '@piranha/protocol';
import type { CheckNews, DownBecause } from '../news.ts';
import type { NannyAction, Watched } from '../state.ts';
import type { CheckResult } from './check-result.ts';
import type { JudgedHealth } from './health.ts';
import { resultsNeeded } from './health.ts';
import { placeOf } from './load.ts';
import { report, tellNews } from './transition.ts';
import { reasonOf } from './words.ts';

/** The verdict after the first check and at each change; a log line only where it is news to lvs too. */
export function tellVerdict(
  watch: string,
  { check, health: before }: Watched,
  now: JudgedHealth,
  result: CheckResult,
): readonly NannyAction[] {
  const changed = now.verdict !== before.verdict;
  if (!changed && before.reported) return [];
  const place = placeOf(check);
  const because = result.ok ? progress(now, check) : ({ type: 'check', reason: result.error } as const);
  const [verdict, news]: [NannyMessage, CheckNews] =
    now.verdict === 'up'
      ? [
          { type: 'up', watch },
          { type: 'server-up', place },
        ]
      : [
          { type: 'down', watch, reason: reasonOf(because) },
          { type: 'server-down', place, because },
        ];
  return [...(changed ? [tellNews(news)] : []), report(verdict)];
}

/** Why a server that passed its check is down all the same. */
const progress = (health: JudgedHealth, check: Check): DownBecause => ({
  type: 'too-few-good',
  good: health.against,
  needed: resultsNeeded(health.verdict, check),
});
