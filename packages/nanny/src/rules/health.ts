// From results of checks to a verdict: `fall` failures in a row take a server out, `rise` successes bring it back.

/** What is held to be true of a server. */
export type Verdict = 'up' | 'down';

/** A server's health between two checks. */
export type Health = {
  readonly verdict: Verdict | 'unknown';
  /** How many results in a row spoke against the verdict. */
  readonly against: number;
  /** Whether the parent has been told since it ordered the watch. */
  readonly reported: boolean;
};

/** How many results in a row it takes. */
export type Thresholds = { readonly fall: number; readonly rise: number };

/** Health at the beginning of a watch. */
export const startingHealth = (known: Health['verdict']): Health => ({ verdict: known, against: 0, reported: false });

/** Health after a result: now there is a verdict. */
export type JudgedHealth = Health & { readonly verdict: Verdict };

/** How many results in a row overturn a verdict. */
export const resultsNeeded = (verdict: Verdict, { fall, rise }: Thresholds): number => (verdict === 'up' ? fall : rise);

/**
 * Health after one more result; of an unknown server the first one decides. It counts as reported: whoever calls this
 * reports the verdict where it has to.
 */
export function afterResult({ verdict, against }: Health, result: Verdict, thresholds: Thresholds): JudgedHealth {
  const overturned = verdict === 'unknown' || against + 1 >= resultsNeeded(verdict, thresholds);
  if (result === verdict || overturned) return { verdict: result, against: 0, reported: true };
  return { verdict, against: against + 1, reported: true };
}

/** The same verdict, to be reported anew; of a server that is down, one good result is enough. */
export const nearlyBack = ({ verdict, against }: Health, { rise }: Thresholds): Health => ({
  verdict,
  against: verdict === 'down' ? rise - 1 : against,
  reported: false,
});
