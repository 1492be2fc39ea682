// What happened, in the words of the log: those that administrators know from the original. Pure.
import { endpoint } from '@piranha/domain';
import type { NannyMessage } from '@piranha/protocol';
import type { CheckNews, DownBecause } from '../news.ts';

type LogMessage = Extract<NannyMessage, { readonly type: 'log' }>;

type Named<T extends CheckNews['type']> = Extract<CheckNews, { readonly type: T }>;

/** The words of each news. */
type Wording = { readonly [T in CheckNews['type']]: (news: Named<T>) => LogMessage };

const line = (level: LogMessage['level'], text: string): LogMessage => ({ type: 'log', level, text });

const glasses = { down: 'opaque glasses on', up: 'rose-colored glasses on', auto: 'removing glasses' } as const;

const wording: Wording = {
  'watch-started': ({ place: { virtual, address, port } }) =>
    line('info', `starting LVS client monitor for ${virtual} -> ${endpoint(address, port)}`),
  'server-up': ({ place: { virtual, address, port } }) =>
    line('notice', `[ active ] making ${endpoint(address, port)} available for ${virtual}`),
  'server-down': ({ place: { virtual, address, port }, because }) =>
    line(
      'notice',
      `[inactive] shutting down ${endpoint(address, port)} ` +
        `due to connection failure for ${virtual}: ${reasonOf(because)}`,
    ),
  'load-unknown': ({ place: { virtual, address, port }, because }) =>
    line('warning', `load of ${endpoint(address, port)} for ${virtual}: ${because.problem}`),
  'load-known': ({ place: { virtual, address, port } }) =>
    line('notice', `load of ${endpoint(address, port)} for ${virtual} is known again`),
  forced: ({ to }) => line('notice', `${glasses[to]}: force ${to}`),
  'signal-ignored': ({ to, servers }) =>
    line('warning', `a signal to a nanny that checks ${servers} servers does nothing: use lvsctl force ${to}`),
};

/** The log line of what happened. */
export const wordsOf = (news: CheckNews): LogMessage => (wording[news.type] as (news: CheckNews) => LogMessage)(news);

/** Why a server is down: for the log, and for lvs. */
export const reasonOf = (because: DownBecause): string =>
  because.type === 'check' ? because.reason : `${because.good} of ${because.needed} good checks in a row`;
