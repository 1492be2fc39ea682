// A file and its blocks as read settings with their places.
import type { Port } from '@piranha/domain';
import type { Place } from './diagnostic.ts';
import type { GlobalKeys, ServerKeys, ValuesOf, VirtualKeys } from './schema.ts';
import type { Settings } from './settings.ts';

type InBlock = { readonly name: string; readonly place: Place };

/** One `server` block. `port` is undefined where its value was refused. */
export type DraftServer = InBlock &
  Settings<ValuesOf<ServerKeys>> & {
    readonly port: Port | undefined;
    /** A loopback address to which packets go directly, whatever `network` says. */
    readonly onRouter: boolean;
  };
/** One `virtual` or `failover` block. */
export type DraftVirtual = InBlock &
  Settings<ValuesOf<VirtualKeys>> & {
    readonly port: Port | undefined;
    /** As `onRouter` of a server. */
    readonly sorryOnRouter: boolean;
    readonly servers: readonly DraftServer[];
  };
/** One file. */
export type Draft = {
  readonly global: Settings<ValuesOf<GlobalKeys>>;
  readonly heartbeatPort: Port | undefined;
  readonly virtuals: readonly DraftVirtual[];
  readonly failovers: readonly DraftVirtual[];
};

/** Whether a block says `active = 1`. */
export const isActive = ({ values }: { readonly values: { readonly active: boolean } }): boolean => values.active;
