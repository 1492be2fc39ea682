import { expect, test } from '@jest/globals';
import type { IpAddress, Port } from '@piranha/domain';
import type { CheckNews } from '../news.ts';
import { wordsOf } from './words.ts';

const place = { address: '10.2.0.11' as IpAddress, port: 8080 as Port, virtual: '10.1.0.100:80' };

type Row = readonly [news: CheckNews, line: string];

/** Every member, and of each every form that its words take; a member that is missing does not compile. */
const rows: Readonly<Record<CheckNews['type'], readonly Row[]>> = {
  'watch-started': [
    [{ type: 'watch-started', place }, 'info: starting LVS client monitor for 10.1.0.100:80 -> 10.2.0.11:8080'],
  ],
  'server-up': [[{ type: 'server-up', place }, 'notice: [ active ] making 10.2.0.11:8080 available for 10.1.0.100:80']],
  'server-down': [
    [
      { type: 'server-down', place, because: { type: 'check', reason: 'connection refused' } },
      'notice: [inactive] shutting down 10.2.0.11:8080 due to connection failure for 10.1.0.100:80: connection refused',
    ],
    [
      { type: 'server-down', place, because: { type: 'too-few-good', good: 1, needed: 3 } },
      'notice: [inactive] shutting down 10.2.0.11:8080 due to connection failure for 10.1.0.100:80: ' +
        '1 of 3 good checks in a row',
    ],
  ],
  'load-unknown': [
    [
      { type: 'load-unknown', place, because: { problem: 'no answer' } },
      'warning: load of 10.2.0.11:8080 for 10.1.0.100:80: no answer',
    ],
  ],
  'load-known': [[{ type: 'load-known', place }, 'notice: load of 10.2.0.11:8080 for 10.1.0.100:80 is known again']],
  forced: [
    [{ type: 'forced', to: 'down' }, 'notice: opaque glasses on: force down'],
    [{ type: 'forced', to: 'up' }, 'notice: rose-colored glasses on: force up'],
    [{ type: 'forced', to: 'auto' }, 'notice: removing glasses: force auto'],
  ],
  'signal-ignored': [
    [
      { type: 'signal-ignored', to: 'down', servers: 3 },
      'warning: a signal to a nanny that checks 3 servers does nothing: use lvsctl force down',
    ],
  ],
};

test.each(Object.entries(rows).flatMap(([type, forms]) => forms.map((row) => [type, ...row] as const)))(
  '%s',
  (type, news, line) => {
    const { level, text } = wordsOf(news);
    expect(news.type).toBe(type);
    expect(`${level}: ${text}`).toBe(line);
  },
);
