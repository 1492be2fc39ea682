// Processes: those of the suite as the kernel shows them, and how important this one is.
export { othersShown, showBeacon, shownLvs, shownPulse, untilAlone } from './beacon.ts';
export { outliveOthers } from './memory-shortage.ts';
export { removePidFile, writePidFile } from './pid-file.ts';
export { raisePriority, raiseSessionLikeParent } from './priority.ts';
export { identify, listenersAt, lives, signalProcess } from './process-identity.ts';
export type { ProcessIdentity } from './process-identity.ts';
