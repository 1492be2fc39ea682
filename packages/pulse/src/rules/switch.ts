// The operator's switch: the other router shall have the service (docs/pair.md, H2 and H4).
import type { Instant, Outcome } from '@piranha/domain';
import { after, failure, success } from '@piranha/domain';
import { classReason } from './alarm.ts';
import { isActive, isFitter, isMutual, ownClass, ownFitness } from './fitness.ts';
import { giveService, partnerName } from './role-change.ts';
import type { PulseState } from '../state.ts';
import { say } from './trailer.ts';
import type { Transition } from './transition.ts';
import { andThen, go, tell } from './transition.ts';

/** What a switch would do now, in words; or why it is refused. `force` overrules what is merely unwise. */
export function judgeSwitch(state: PulseState, at: Instant, force: boolean): Outcome<string, string> {
  const { settings, partner, phase } = state;
  const other = partnerName(state);
  if (!settings.hasPartner) return failure('there is no other router in this configuration');
  if (phase.type !== 'active' && phase.type !== 'inactive') return failure(`a change is under way: ${phase.type}`);
  const hint = 'stop pulse on the active router if it has to be';
  if (partner.kind !== 'original' && !isMutual(state, at)) {
    return failure(`the two routers do not hear each other at the moment: ${hint}`);
  }
  const problem = isActive(state) ? whyNotThere(state) : whyNotHere(state);
  if (problem !== undefined) return failure(problem);
  const doubt = doubtOf(state);
  if (doubt !== undefined && !force) return failure(`${doubt}; --force does it all the same`);
  return success(isActive(state) ? `handing over to the ${other}` : `asking the ${other} for the service`);
}

/** Nobody could take over. */
function whyNotThere(state: PulseState): string | undefined {
  const { partner } = state;
  const other = partnerName(state);
  if (partner.said !== 'stopped') return `the ${other} is active, too`;
  if (partner.trailer?.class === 0) return `the ${other} says that it cannot serve`;
  if (partner.trailer?.leaving === true) return `pulse on the ${other} is being stopped`;
  return undefined;
}

function whyNotHere(state: PulseState): string | undefined {
  const other = partnerName(state);
  if (ownClass(state) === 0) return `this router cannot serve: ${classReason(state) ?? 'a link is down'}`;
  if (state.partner.said !== 'running') return `the ${other} is not active either: the pair will settle by itself`;
  return state.partner.kind === 'original' ? `the ${other} is an original router: stop pulse there` : undefined;
}

/** A switch is possible, but an administrator should know. */
function doubtOf(state: PulseState): string | undefined {
  const { partner, settings } = state;
  const other = partnerName(state);
  const { trailer } = partner;
  if (trailer === undefined) return undefined;
  if (trailer.digest !== settings.digest) return `the ${other} runs another lvs.cf`;
  const [from, to] = isActive(state) ? [ownFitness(state), trailer] : [trailer, ownFitness(state)];
  if (isFitter(from, to)) return 'the router that would take over is worse off (a link, or its real servers)';
  return undefined;
}

/** Does it, if it is still possible: orders count once. */
export function onSwitch(state: PulseState, at: Instant, force: boolean): Transition {
  const judged = judgeSwitch(state, at, force);
  if (!judged.ok)
    return go(state, tell({ type: 'switch-refused', because: { type: 'problem', problem: judged.error } }));
  if (isActive(state)) {
    const held = { ...state, own: { ...state.own, held: true } };
    return giveService(held, { type: 'operator' });
  }
  const want = { by: 'operator', until: after(at, state.settings.deadtime) } as const;
  const asking = { ...state, own: { ...state.own, want } };
  const news = tell({ type: 'service-asked', of: partnerName(state), because: { type: 'operator' } });
  return andThen(go(asking, news), (now) => say(now, at));
}
