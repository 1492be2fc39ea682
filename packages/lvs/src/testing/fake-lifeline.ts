// An lvs of a router with a partner that serves one server, and what its pulse does or leaves undone.
import { instant } from '@piranha/domain';
import type { FakeLvs } from './fake-lvs.ts';
import { activeLvs, one, oneLine, serverOne, virtual, webLine } from './fake-service.ts';

const pair = 'primary = 192.0.2.1\nbackup = 192.0.2.2\nbackup_active = 1\nkeepalive = 1\ndeadtime = 5\n';
/** deadtime less keepalive less a tenth of deadtime. */
export const limit = 3500;

/** A router without a partner. */
export const alone = virtual('web', 80, one);
export const file = pair + alone;
export const standingTable = [webLine, oneLine];

export function serving(text = file): FakeLvs {
  const lvs = activeLvs(text);
  lvs.up(serverOne);
  if (lvs.table().join('\n') !== standingTable.join('\n')) throw new Error('it does not serve');
  return lvs;
}

export function fenced(text = file): FakeLvs {
  const lvs = serving(text);
  lvs.advance(limit);
  lvs.addressesLowered();
  return lvs;
}

export const tick = (lvs: FakeLvs, role: 'active' | 'standby' = 'active', term = 1): void => {
  lvs.send({
    type: 'tick',
    at: lvs.now(),
    sentAt: lvs.now(),
    spokenAt: undefined,
    role,
    term,
    held: false,
    timers: undefined,
  });
};

/** A tick that is read now, and was sent at `sentAt`, by a pulse that last sent a heartbeat at `spokenAt` (ms). */
export const tickSentAt = (lvs: FakeLvs, sentAt: number, spokenAt?: number): void => {
  const spoken = spokenAt === undefined ? undefined : instant(spokenAt);
  const tick = { type: 'tick', role: 'active', term: 1, held: false, timers: undefined } as const;
  lvs.send({ ...tick, at: lvs.now(), sentAt: instant(sentAt), spokenAt: spoken });
};

export const clock = (lvs: FakeLvs): void => {
  lvs.send({ type: 'clock', at: lvs.now() });
};

/** Ticks for so long, four times a second. */
export const tickFor = (lvs: FakeLvs, lengthMs: number): void => {
  for (let passed = 0; passed < lengthMs; passed += 250) {
    lvs.advance(250);
    tick(lvs);
  }
};

export const parentGone = (lvs: FakeLvs): void => {
  lvs.send({ type: 'parent-gone', at: lvs.now() });
};

export const stop = (lvs: FakeLvs): void => {
  lvs.send({ type: 'stop', at: lvs.now(), signal: 15 });
};

export const lowerings = (lvs: FakeLvs) => lvs.actions.filter((action) => action.type === 'lower-addresses');
export const exits = (lvs: FakeLvs) => lvs.actions.filter((action) => action.type === 'exit');
