// The timers by which this router lets go: before any partner takes over that may have one of our files (docs/pair.md, R1).
import { milliseconds } from '@piranha/domain';
import type { Timers } from '@piranha/protocol';
import type { KeptTimers, PulseState } from '../state.ts';

/** By these lvs fences itself, and the kernel lets addresses go. */
export const fenceTimers = ({ settings, unshared }: Pick<PulseState, 'settings' | 'unshared'>): Timers => ({
  keepalive: settings.keepalive,
  deadtime: unshared?.shortest ?? settings.deadtime,
});

/** What an earlier pulse wrote down counts for no longer than the partner waited then. */
export const fenceAtStart = (settings: Timers, kept: KeptTimers | undefined): Timers => ({
  keepalive: milliseconds(Math.min(settings.keepalive, kept?.keepalive ?? settings.keepalive)),
  deadtime: milliseconds(Math.min(settings.deadtime, kept?.shortest ?? settings.deadtime)),
});
