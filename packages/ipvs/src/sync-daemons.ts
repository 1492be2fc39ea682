// The kernel's sync daemons: what `ipvsadm -L --daemon` shows, and which calls make it as it should be.

/** Where a daemon talks, and the number that sets its talk apart from that of other pairs. */
export type SyncPlace = { readonly device: string; readonly id: number };

// The one that listens first, so that it misses nothing.
const modes = ['backup', 'master'] as const;
type SyncMode = (typeof modes)[number];

/** The daemons that run: `master` tells of connections, `backup` listens. */
export type SyncDaemons = Readonly<Partial<Record<SyncMode, SyncPlace>>>;

/** Reads a listing. Lines of another kind are passed over: without any daemon there is one that says so. */
export function parseSyncDaemons(listing: string): SyncDaemons {
  const running: Partial<Record<SyncMode, SyncPlace>> = {};
  for (const [, mode, device, id] of listing.matchAll(
    /^(master|backup) sync daemon \(mcast=([^,\s]+), syncid=(\d+)/gm,
  )) {
    if (device !== undefined) running[mode as SyncMode] = { device, id: Number(id) };
  }
  return running;
}

/** The arguments of one ipvsadm after the other; none where all is as wanted. Both daemons, or none for undefined. */
export const syncDaemonCommands = (
  running: SyncDaemons,
  wanted: SyncPlace | undefined,
): readonly (readonly string[])[] =>
  modes.flatMap((mode) => {
    const found = running[mode];
    if (found !== undefined && wanted?.device === found.device && wanted.id === found.id) return [];
    return [
      ...(found === undefined ? [] : [['--stop-daemon', mode]]),
      ...(wanted === undefined
        ? []
        : [['--start-daemon', mode, '--mcast-interface', wanted.device, '--syncid', String(wanted.id)]]),
    ];
  });
