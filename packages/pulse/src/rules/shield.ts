// Against floods: whether so much arrives that the kernel has to leave out what cannot be the partner's. Pure.
import type { Instant } from '@piranha/domain';
import { after, between, instant, seconds } from '@piranha/domain';

/** How much has arrived lately, and until when the shield is up. */
export type Shield = {
  readonly raised: boolean;
  readonly until: Instant;
  readonly since: Instant;
  readonly count: number;
};

export const lowered: Shield = { raised: false, until: instant(-Infinity), since: instant(-Infinity), count: 0 };

/**
 * A partner at the shortest timers says less than this in a second, answers and notes included. Each datagram more is
 * time of the processor, and room in the buffer that the next heartbeat needs. A slow machine reads not many more.
 */
export const mostInSecond = 200;

const window = seconds(1);
/** As long as it is up strangers are not counted. */
const lasts = seconds(10);
/** A flood that comes again so soon is the same one. */
const sameFlood = seconds(60);

/** A datagram has arrived, whosever it is. */
export function onArrival(shield: Shield, at: Instant): Shield {
  const counted =
    between(shield.since, at) < window ? { ...shield, count: shield.count + 1 } : { ...shield, since: at, count: 1 };
  return counted.count > mostInSecond ? { ...counted, raised: true, until: after(at, lasts) } : counted;
}

/** Time has passed. */
export const onTime = (shield: Shield, at: Instant): Shield =>
  shield.raised && at >= shield.until ? { ...shield, raised: false } : shield;

/** Whether a shield that has just been raised is worth a line. */
export const isNewFlood = (before: Shield, at: Instant): boolean => between(before.until, at) >= sameFlood;
