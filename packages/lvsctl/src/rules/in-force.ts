// What runs now, as far as pulse tells: the ground on which a plan stands.
import type { Configuration } from '@piranha/config';
import type { LvsReport, StatusAnswer } from '@piranha/protocol';

/** What a reload starts from. */
export type InForce = {
  /** Undefined where nobody could tell. */
  readonly configuration: Configuration | undefined;
  /** What lvs knows of its servers and its table; undefined where every server counts as up. */
  readonly report: LvsReport | undefined;
  /** `standby`: services stand with hot standby only. `idle`: a reload changes nothing at the moment. */
  readonly role: 'active' | 'standby' | 'idle';
  /** Why something above is an assumption; empty where all of it was told. */
  readonly problem: string;
};

/** Without a running pulse. */
export const nothingInForce = (problem: string): InForce => ({
  configuration: undefined,
  report: undefined,
  role: 'active',
  problem,
});

/** From what pulse and, through it, lvs say. */
export const inForceOf = (status: StatusAnswer, configuration: Configuration): InForce => ({
  configuration,
  report: status.lvs ?? undefined,
  role: roleOf(status),
  problem: status.lvsProblem ?? '',
});

function roleOf({ state, lvs }: StatusAnswer): InForce['role'] {
  if (lvs === null) return state === 'active' || state === 'taking-over' ? 'active' : 'standby';
  switch (lvs.role) {
    case 'active':
      return 'active';
    case 'standby':
      return 'standby';
    case 'waiting':
    case 'fencing':
    case 'fenced':
    case 'ending':
      return 'idle';
  }
}
