// Raises and lowers floating addresses, and nothing else: what pulse has not raised stays as it is.
import { isDeepStrictEqual } from 'node:util';
import type { FloatingAddress, Outcome } from '@piranha/domain';
import { success } from '@piranha/domain';
import type { Interface } from '@piranha/protocol';
import type { Around, Raised, Seen } from './address-changes.ts';
import { lowering, raising, seenIn } from './address-changes.ts';
import { inTurn } from './in-turn.ts';
import { promoteSecondaries } from './promote-secondaries.ts';
import { standingIp } from './standing-ip.ts';

/** Network interfaces and the floating addresses on them. Every failure is in words, with `ip`'s standard error. */
export type AddressBatch = {
  readonly interfaces: () => Promise<Outcome<readonly Interface[], string>>;
  /** Looks for addresses that are not to be up. */
  readonly look: (unwanted: readonly FloatingAddress[]) => Promise<Outcome<Seen, string>>;
  /**
   * Brings addresses up, or renews their time; the answer has the interfaces afterwards, on which all of them stand. The
   * kernel takes them away `lease` seconds later, if one is given. `inTime` is asked when `ip` has shown what there is and
   * nothing is changed yet: if it is false, because this process has been asleep, what is missing stays down.
   */
  readonly raise: (
    addresses: readonly FloatingAddress[],
    lease?: number,
    inTime?: () => boolean,
  ) => Promise<Outcome<Raised, string>>;
  /**
   * Takes addresses down that pulse has raised, on whichever device; success means that none of them stands any more. What
   * is `kept` is to be up: on its device an address of a former file stays.
   */
  readonly lower: (
    addresses: readonly FloatingAddress[],
    kept?: readonly FloatingAddress[],
  ) => Promise<Outcome<Seen, string>>;
  readonly close: () => Promise<void>;
};

/** A raising that has not begun yet; whoever asks for the same tells anew until when it is in time. */
type Waiting = {
  readonly wanted: readonly [readonly FloatingAddress[], number | undefined];
  inTime: () => boolean;
  readonly done: ReturnType<AddressBatch['raise']>;
};

const always = (): boolean => true;

/** By what the machine is changed; a test has both from somewhere else. */
type Machine = Pick<Around, 'promote'> & { readonly ip: string };

const thisMachine: Machine = { ip: 'ip', promote: promoteSecondaries };

/** Starts `ip` at once, and again when it has ended. */
export function openAddressBatch(told: Omit<Around, 'promote'>, machine = thisMachine): AddressBatch {
  const around: Around = { ...told, promote: machine.promote };
  const ip = standingIp(machine.ip);

  const interfaces = async (): Promise<Outcome<readonly Interface[], string>> => {
    const answer = await ip.ask([]);
    return answer.ok ? success(answer.value.interfaces) : answer;
  };

  // What a change reads must still be true when it writes.
  const oneByOne = inTurn();
  const raiseNow = raising(ip.ask, around);
  const lowerNow = lowering(ip.ask, around);

  // An `ip` that is slower than the heartbeat is asked again and again: one that waits for its turn is enough. Else the
  // way down would have to wait behind all of them.
  let waiting: Waiting | undefined;

  const raise: AddressBatch['raise'] = (wanted, lease, inTime = always) => {
    if (waiting !== undefined && isDeepStrictEqual(waiting.wanted, [wanted, lease])) {
      waiting.inTime = inTime;
      return waiting.done;
    }
    const done = oneByOne(async () => {
      if (waiting === mine) waiting = undefined;
      return raiseNow(wanted, lease, () => mine.inTime());
    });
    const mine: Waiting = { wanted: [wanted, lease], inTime, done };
    waiting = mine;
    return done;
  };

  const lower: AddressBatch['lower'] = (unwanted, kept) => {
    waiting = undefined;
    return oneByOne(() => lowerNow(unwanted, kept));
  };

  const look: AddressBatch['look'] = async (unwanted) => {
    const answer = await ip.ask([]);
    return answer.ok ? success(seenIn(answer.value.interfaces, unwanted, around)) : answer;
  };
  return { interfaces, look, raise, lower, close: ip.close };
}
