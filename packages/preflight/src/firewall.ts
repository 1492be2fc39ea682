// Packet filter rules, reduced to two questions: may a packet come in, and may one get a certain mark.
import type { IpFamily } from '@piranha/domain';
import type { Match, Packet } from './match.ts';
import { allOf, answer } from './match.ts';

export type Verdict =
  | { readonly type: 'accept' | 'drop' | 'return' | 'go-on' | 'unknown' }
  | { readonly type: 'jump' | 'goto'; readonly chain: string };

export type Rule = {
  readonly matches: readonly Match[];
  readonly verdict: Verdict;
  /** The marks that it gives; `any` where they are not in the rule: those of connections, of a map. */
  readonly marks: readonly MarkWrite[] | 'any';
};

export type Chain = {
  readonly id: string;
  /** Undefined for both. */
  readonly family: IpFamily | undefined;
  /** What becomes of a packet that came in and that no rule decided; undefined where it is no chain for those. */
  readonly policy: 'accept' | 'drop' | undefined;
  /** Where it is for what comes in by one interface alone. */
  readonly device: string | undefined;
  readonly rules: readonly Rule[];
};

/** A rule that gives the bits of `mask` the values that they have in `value`; of the others nothing is known. */
export type MarkWrite = { readonly value: number; readonly mask: number };

export type Firewall = {
  readonly chains: readonly Chain[];
  /** Some packets are hidden from connection tracking. */
  readonly untracks: boolean;
  /** Rules of iptables that only iptables can read. */
  readonly foreign: boolean;
};

/** Whether a rule that packets come by may give them this mark, alone or with others. */
export const mayMark = ({ chains }: Firewall, mark: number): boolean =>
  rulesOnTheWay(chains).some(
    ({ marks }) => marks === 'any' || marks.some(({ value, mask }) => (mark & mask) >>> 0 === (value & mask) >>> 0),
  );

/** The rules of the chains for what comes in, and of those that these call. */
function rulesOnTheWay(chains: readonly Chain[]): readonly Rule[] {
  const byId = new Map(chains.map((chain) => [chain.id, chain]));
  const way = new Set(chains.filter((chain) => chain.policy !== undefined).map((chain) => chain.id));
  // A set grows while it is walked.
  for (const id of way) {
    for (const { verdict } of byId.get(id)?.rules ?? []) {
      if (verdict.type === 'jump' || verdict.type === 'goto') way.add(verdict.chain);
      // It may lead anywhere.
      if (verdict.type === 'unknown') for (const chain of chains) way.add(chain.id);
    }
  }
  return [...way].flatMap((id) => byId.get(id)?.rules ?? []);
}

/** Whether a packet may get through every chain for what comes in. */
export function mayComeIn({ chains, untracks }: Firewall, packet: Packet): boolean {
  const states = untracks ? [...packet.states, 'untracked' as const] : packet.states;
  const walk = walker(chains, { ...packet, states });
  return chains
    .filter(({ policy, family, device }) => policy !== undefined && concerns(packet, family, device))
    .every((chain) => {
      const { accepts, leaves } = walk(chain.id);
      return accepts || (leaves && chain.policy === 'accept');
    });
}

const concerns = (packet: Packet, family: Chain['family'], device: Chain['device']): boolean =>
  (family ?? packet.family) === packet.family && (device === undefined || device === packet.device);

/** What may become of a packet in a chain: it is accepted, or it comes out at the end. Neither: it is dropped. */
type Fate = { readonly accepts: boolean; readonly leaves: boolean };

const undecided: Fate = { accepts: true, leaves: true };

/** Follows jumps; each chain is looked at once. */
function walker(chains: readonly Chain[], packet: Packet): (id: string) => Fate {
  const byId = new Map(chains.map((chain) => [chain.id, chain]));
  const fates = new Map<string, Fate>();
  const walk = (id: string): Fate => {
    const known = fates.get(id);
    if (known !== undefined) return known;
    fates.set(id, undecided); // of a chain that leads to itself
    const fate = fateIn(byId.get(id)?.rules, packet, walk);
    fates.set(id, fate);
    return fate;
  };
  return walk;
}

function fateIn(rules: readonly Rule[] | undefined, packet: Packet, walk: (id: string) => Fate): Fate {
  if (rules === undefined) return undecided;
  let leaves = false;
  for (const { matches, verdict } of rules) {
    const holds = allOf(matches.map((match) => answer(match, packet)));
    const fate = holds === 'no' ? undefined : fateOf(verdict, walk);
    if (fate === undefined) continue;
    if (fate.accepts) return { accepts: true, leaves };
    const called = verdict.type === 'jump';
    if (!called && fate.leaves) leaves = true;
    if (holds === 'yes' && !(called && fate.leaves)) return { accepts: false, leaves };
  }
  return { accepts: false, leaves: true };
}

/** Undefined: the next rule is asked. */
function fateOf(verdict: Verdict, walk: (id: string) => Fate): Fate | undefined {
  switch (verdict.type) {
    case 'go-on':
      return undefined;
    case 'accept':
    case 'unknown':
      return { accepts: true, leaves: false };
    case 'drop':
      return { accepts: false, leaves: false };
    case 'return':
      return { accepts: false, leaves: true };
    case 'jump':
    case 'goto':
      return walk(verdict.chain);
  }
}
