// FTP over NAT: its answers carry addresses and ports, which the kernel rewrites only with a module of its own.
import type { VirtualServer } from '@piranha/config';
import { standing } from './standing.ts';
import type { LvsEvent } from '../events.ts';
import type { LvsState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, stay, tellNews } from './transition.ts';

const ftpPort = 21;

/** Whether a service is FTP of which something is masqueraded. */
const needsHelp = ({ active, protocol, port, servers, network, sorryServer }: VirtualServer): boolean =>
  active &&
  protocol === 'tcp' &&
  port === ftpPort &&
  (servers.some((server) => server.active && server.network === 'nat') ||
    (sorryServer !== undefined && network === 'nat'));

/** Has the module loaded once, when the first such service comes; again only after there was none. */
export function helpFtp(state: LvsState): Transition {
  const needed = standing(state)?.virtualServers.some(needsHelp) === true;
  if (needed === state.ftpHelped) return stay(state);
  const now = { ...state, ftpHelped: needed };
  return needed ? go(now, { type: 'load-ftp-module' }) : stay(now);
}

/** Without the module FTP serves commands but no data: said, and no reason to serve nothing. */
export const onFtpModule = (
  state: LvsState,
  { problem }: Extract<LvsEvent, { readonly type: 'ftp-module-done' }>,
): Transition => {
  if (problem === '') return stay(state);
  return go(state, tellNews({ type: 'no-ftp-module', because: { type: 'problem', problem } }));
};
