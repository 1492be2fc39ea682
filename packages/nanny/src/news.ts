// What a nanny has to say of what happened: data, of which rules/words.ts makes log lines.
import type { IpAddress, Port } from '@piranha/domain';

/** A real server, and the virtual server as people write it. */
export type Place = { readonly address: IpAddress; readonly port: Port; readonly virtual: string };

/** Why a server is held to be down: its check failed, or too few good ones followed each other. */
export type DownBecause =
  | { readonly type: 'check'; readonly reason: string }
  | { readonly type: 'too-few-good'; readonly good: number; readonly needed: number };

/** Everything that a nanny has to say of what happened. */
export type CheckNews =
  | { readonly type: 'watch-started'; readonly place: Place }
  | { readonly type: 'server-up'; readonly place: Place }
  | { readonly type: 'server-down'; readonly place: Place; readonly because: DownBecause }
  | { readonly type: 'load-unknown'; readonly place: Place; readonly because: { readonly problem: string } }
  | { readonly type: 'load-known'; readonly place: Place }
  /** By a signal. */
  | { readonly type: 'forced'; readonly to: 'up' | 'down' | 'auto' }
  /** A signal does not say which of several servers it means. */
  | { readonly type: 'signal-ignored'; readonly to: 'up' | 'down' | 'auto'; readonly servers: number };
