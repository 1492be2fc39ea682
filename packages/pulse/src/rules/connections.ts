// Connections that survive a takeover: the kernel's sync daemons run on both routers, and a failback waits for the
// connections that this router has not been told of yet (docs/connections.md).
import type { Instant, Millis } from '@piranha/domain';
import { after, milliseconds, never, seconds } from '@piranha/domain';
import type { LostConnections } from '../news.ts';
import type { PulseState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, tell } from './transition.ts';

/** How long the kernel keeps an established TCP connection without packets, where the file does not say. */
const kernelTcpTimeout = seconds(900);

/** For that long every connection that lives has had a packet, or is forgotten: there is nothing more to wait for. */
export const connectionLife = (tcpTimeoutSeconds: number): Millis =>
  tcpTimeoutSeconds === 0 ? kernelTcpTimeout : seconds(tcpTimeoutSeconds);

/** As much of the partner's connections is enough: some end while they are counted. */
const enough = 0.9;

/** Whether the partner has connections that would break with a takeover by us. Unknown numbers hold nothing up. */
function lacksConnections({ settings, own, partner }: PulseState): boolean {
  if (settings.syncDaemon === undefined || own.connections === undefined || partner.connections === undefined) {
    return false;
  }
  return own.connections < enough * partner.connections;
}

/** For how long all has to be well before this router asks for the service. */
export const failbackPatience = (state: PulseState): Millis => {
  const { failbackDelay, connectionLife: longest } = state.settings;
  return lacksConnections(state) ? milliseconds(Math.max(failbackDelay, longest)) : failbackDelay;
};

/** What it costs to ask now; undefined where nothing is known to be lost. */
export const connectionsLost = (state: PulseState): LostConnections | undefined =>
  lacksConnections(state) ? { known: state.own.connections, of: state.partner.connections } : undefined;

const retryPause = seconds(10);

/** The daemons could not be started or stopped: once more a little later, and one line for each kind of trouble. */
export function onSyncTrouble(before: PulseState, at: Instant, problem: string): Transition {
  const known = before.sync.problem === problem;
  const state: PulseState = { ...before, sync: { problem, retryAt: after(at, retryPause) } };
  return go(state, ...(known ? [] : [tell({ type: 'not-synchronised', because: { type: 'problem', problem } })]));
}

/** They are as they should be. */
export const onSynced = (state: PulseState): Transition =>
  go(
    { ...state, sync: { problem: undefined, retryAt: never } },
    ...(state.sync.problem === undefined ? [] : [tell({ type: 'synchronised', because: { type: 'recovered' } })]),
  );

/** Tries again. */
export const syncAgain = (state: PulseState): Transition =>
  go({ ...state, sync: { ...state.sync, retryAt: never } }, { type: 'sync-daemons', run: true });
