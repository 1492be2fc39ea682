// The answer to "how do things stand?", from what pulse knows, what `ip` shows and what lvs reports. Pure.
import type { LoadedConfiguration } from '@piranha/config';
import type { Instant, Outcome } from '@piranha/domain';
import { between, never } from '@piranha/domain';
import type { Interface, LvsReport, StatusAnswer } from '@piranha/protocol';
import { missing } from '@piranha/runtime';
import type { PulseState } from './state.ts';

/** What the answer is made of. */
export type Seen = {
  readonly at: Instant;
  readonly state: PulseState;
  readonly loaded: LoadedConfiguration;
  readonly version: string;
  readonly pid: number;
  readonly interfaces: Outcome<readonly Interface[], string>;
  readonly lvs: Outcome<LvsReport, string>;
};

/** Whole milliseconds. */
const lengthMs = (start: Instant, end: Instant): number => Math.round(between(start, end));

/** The answer. */
export function statusOf({ at, state, loaded, version, pid, interfaces, lvs }: Seen): StatusAnswer {
  const { settings, phase, phaseSince, balancer, addressProblem } = state;
  const { restartAt } = balancer;
  return {
    type: 'status',
    version,
    pid,
    role: settings.role,
    state: phase.type,
    sinceMs: lengthMs(phaseSince, at),
    file: loaded.path,
    digest: settings.digest,
    partner: settings.hasPartner ? partnerOf(state, at) : null,
    addresses: addressesOf(state, interfaces),
    addressProblem: addressProblem ?? (interfaces.ok ? null : interfaces.error),
    balancer: {
      running: balancer.running,
      table: balancer.table,
      restartInMs: balancer.running || restartAt === never ? null : Math.max(0, lengthMs(at, restartAt)),
    },
    lvs: lvs.ok ? lvs.value : null,
    lvsProblem: lvs.ok ? null : lvs.error,
  };
}

function partnerOf({ partner, settings }: PulseState, at: Instant): StatusAnswer['partner'] {
  const { said, heardAt, lastWords } = partner;
  return {
    said,
    heardAgoMs: heardAt === undefined ? null : lengthMs(heardAt, at),
    channels: settings.channels.map(({ name, partner: address }) => {
      const last = lastWords[name];
      return { name, address, said: last?.word ?? null, agoMs: last === undefined ? null : lengthMs(last.at, at) };
    }),
  };
}

function addressesOf({ settings }: PulseState, interfaces: Seen['interfaces']): StatusAnswer['addresses'] {
  const down = interfaces.ok ? new Set(missing(interfaces.value, settings.addresses)) : undefined;
  return settings.addresses.map((each) => ({
    address: each.address,
    device: each.device,
    up: down === undefined ? null : !down.has(each),
  }));
}
