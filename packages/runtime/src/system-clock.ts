// The one place that reads the machine's monotonic clock.
import type { Clock } from '@piranha/domain';
import { instant } from '@piranha/domain';

/** Monotonic time since this process began. */
export const systemClock: Clock = { now: () => instant(performance.now()) };
