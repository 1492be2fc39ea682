// What administrators have ordered of servers, and what of it outlives lvs.
import type { Instant } from '@piranha/domain';
import type { ServerId } from '@piranha/ipvs';

/**
 * When and on which router an order was given; of two about one server the one with the higher stamp counts. `signal`: to the
 * server's nanny, which is known to this lvs alone.
 */
type Given = { readonly since: Instant; readonly stamp: number; readonly from: 'here' | 'partner' | 'signal' };

/** What an administrator has ordered of a server. */
export type Order = Given &
  (
    | { readonly type: 'force'; readonly to: 'up' | 'down' }
    /** Until its connections have ended, or `deadline`; then it is `drained` here and out of the table. */
    | {
        readonly type: 'drain';
        /** As it was ordered; null: however long it takes. */
        readonly timeoutMs: number | null;
        readonly deadline: Instant;
        readonly drained: boolean;
      }
  );

/** Nothing is ordered any more: kept, for the partner may still have the order before it. */
export type Release = Given & { readonly type: 'release'; readonly from: 'here' | 'partner' };

/** Orders in force. */
export type Orders = ReadonlyMap<ServerId, Order>;

/** All that outlives lvs of what was ordered. */
export type OrderBook = {
  readonly orders: Orders;
  readonly releases: ReadonlyMap<ServerId, Release>;
  /** The highest stamp ever seen. */
  readonly lastStamp: number;
};

/** On which router it was given. */
export const routerOf = ({ from }: Pick<Given, 'from'>): 'here' | 'partner' =>
  from === 'partner' ? 'partner' : 'here';
