// One course of a simulation as plain data: the pair, and what goes wrong with it when.

export type Side = 'primary' | 'backup';
export type Channel = 'public' | 'private';
/** A cable of a router: that of a channel, or of a device that carries virtual addresses and nothing else. */
export type Link = Channel | VipDevice;
type VipDevice = 'eth5' | 'eth6';

export const sides = ['primary', 'backup'] as const;
export const channels = ['public', 'private'] as const;
export const vipDevices = ['eth5', 'eth6'] as const;
export const onBoth = <T>(value: T): Readonly<Record<Side, T>> => ({ primary: value, backup: value });
export const otherSide = (side: Side): Side => (side === 'primary' ? 'backup' : 'primary');

/** Which wires: those that lead to one side or to both, of one network or of both. */
export type Wires = { readonly to: Side | 'both'; readonly channel: Channel | 'both' };

/** What a wire does to datagrams (ms; shares of 1). */
export type Noise = {
  readonly loss: number;
  readonly delay: number;
  readonly jitter: number;
  readonly duplicates: number;
};

/** What a file says of the time (ms). */
export type Pace = { readonly keepalive: number; readonly deadtime: number };

export type Mishap =
  | ({ readonly type: 'cut' } & Wires)
  | ({ readonly type: 'noise' } & Wires & Noise)
  /** The senders' kernels ask for a MAC address in vain: what is said waits, and comes all at once in the end. */
  | ({ readonly type: 'held-back' } & Wires)
  /** Its own addresses are gone on all networks: nothing goes out and nothing comes in, and the kernel says so. */
  | { readonly type: 'mute'; readonly side: Side }
  | { readonly type: 'link-down'; readonly side: Side; readonly channel: Link }
  /** Gone until the end, then started again. */
  | { readonly type: 'pulse-killed'; readonly side: Side }
  /** Stopped by a signal: it finds late timers and a full queue afterwards. */
  | { readonly type: 'pulse-hangs'; readonly side: Side }
  /** The whole machine: what is sent to it meanwhile is lost. Its clock may stand still. */
  | { readonly type: 'suspended'; readonly side: Side; readonly clock: 'runs' | 'stands' }
  | { readonly type: 'power-off'; readonly side: Side }
  /** Killed at the beginning, and each time it has run for so long (ms) again. */
  | { readonly type: 'lvs-killed'; readonly side: Side; readonly every: number }
  | { readonly type: 'lvs-hangs'; readonly side: Side }
  /** The kernel's table is lost and takes no line. */
  | { readonly type: 'lvs-unable'; readonly side: Side }
  | { readonly type: 'ip-slow'; readonly side: Side; readonly latency: number }
  /** From this side no real server answers. */
  | { readonly type: 'servers-dead'; readonly side: Side }
  /** From each side all real servers answer, then none, in turns; never from both at once. */
  | { readonly type: 'servers-in-antiphase'; readonly period: number }
  /**
   * This side reads a file with other timers (ms), the other one so much later, or never; at the end the one they had
   * before, in the same order.
   */
  | ({ readonly type: 'reloaded'; readonly first: Side; readonly lag: number | undefined } & Pace)
  | { readonly type: 'switch'; readonly side: Side; readonly force: boolean }
  /** Stopped in an orderly way, and started again at the end. */
  | { readonly type: 'stopped'; readonly side: Side }
  /** Datagrams that were recorded on their way to this side: of sessions that have ended, or of any. */
  | { readonly type: 'replay'; readonly to: Side; readonly of: 'former' | 'any'; readonly every: number }
  /** Somebody with the partner's address who has no key. */
  | {
      readonly type: 'forged';
      readonly to: Side;
      readonly how: Forgery;
      readonly active: boolean;
      readonly every: number;
    };

export type Forgery = 'unsigned' | 'wrong-key' | 'bare';

/** A mishap and when it begins and ends (ms). */
export type Fault = Mishap & { readonly from: number; readonly until: number };

/** heartbeat_auth. An original knows none: what is said for its side means nothing. */
export type Auth = 'off' | 'accept' | 'require';

export type Schedule = {
  readonly seed: number;
  readonly keepalive: number;
  readonly deadtime: number;
  readonly auth: Readonly<Record<Side, Auth>>;
  readonly hotStandby: boolean;
  readonly failback: 'manual' | 'auto';
  readonly monitorLinks: boolean;
  readonly privateChannel: boolean;
  /** Whose program is an original's, if anyone's. */
  readonly original: Side | undefined;
  /** How much faster a clock runs, in millionths. */
  readonly drift: Readonly<Record<Side, number>>;
  /** Timers fire this late at most (ms). */
  readonly lateness: number;
  /** When each router is switched on. */
  readonly start: Readonly<Record<Side, number>>;
  /** The highest term that either has ever heard, in the beginning; 0 for none. */
  readonly firstTerm: number;
  readonly faults: readonly Fault[];
  /** All is well from then on. */
  readonly healAt: number;
  readonly endAt: number;
};
