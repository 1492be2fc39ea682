import { describe, expect, test } from '@jest/globals';
import { milliseconds } from '@piranha/domain';
import type { PairNews } from '../news.ts';
import { vip } from '../testing/fake-router.ts';
import { wordsOf } from './words.ts';

const problem = { type: 'problem', problem: 'no memory' } as const;
const address = { address: vip.address, prefix: 24, device: 'eth0' };
const partner = 'backup';
const proved = true;

/** Every member and every form of its words: a member without a row does not compile. */
const rows: { readonly [T in PairNews['type']]: readonly (readonly [news: Of<T>, line: string])[] } = {
  started: [
    [{ type: 'started', role: 'primary' }, 'notice: STARTING PULSE AS MASTER'],
    [{ type: 'started', role: 'backup' }, 'notice: STARTING PULSE AS BACKUP'],
  ],
  'went-on': [[{ type: 'went-on', term: 7 }, 'notice: going on as the active router, term 7']],
  'took-over': [
    [{ type: 'took-over', because: { type: 'partner-inactive', partner } }, 'notice: backup inactive: activating lvs'],
    [{ type: 'took-over', because: { type: 'partner-dead' } }, 'notice: partner dead: activating lvs'],
    [{ type: 'took-over', because: { type: 'no-partner' } }, 'notice: no backup configured: activating lvs'],
    [{ type: 'took-over', because: { type: 'forced' } }, 'notice: forced active: activating lvs'],
  ],
  'service-given': [
    [
      { type: 'service-given', to: partner, because: { type: 'operator' } },
      'notice: switched by the operator: handing over to the backup',
    ],
    [
      { type: 'service-given', to: partner, because: { type: 'partner-asks' } },
      'notice: handing over to the backup, as it asks for',
    ],
    [
      { type: 'service-given', to: partner, because: { type: 'partner-fitter' } },
      'notice: handing over to the backup: it can serve better',
    ],
    [
      { type: 'service-given', to: partner, because: { type: 'cannot-balance' } },
      'notice: this router cannot balance: handing over to the backup',
    ],
    [
      { type: 'service-given', to: partner, because: { type: 'no-servers' } },
      'notice: a link is down and no server is left: handing over to the backup',
    ],
  ],
  'service-left': [
    [{ type: 'service-left', because: { type: 'partner-active' } }, 'notice: partner active: deactivating LVS'],
    [
      { type: 'service-left', because: { type: 'partner-deaf' } },
      'notice: partner active and deaf to this router: deactivating LVS',
    ],
    [
      { type: 'service-left', because: { type: 'lvs-unable', problem: 'no memory' } },
      'notice: lvs cannot balance: no memory',
    ],
    [{ type: 'service-left', because: { type: 'lvs-fenced' } }, 'notice: no owner any more: deactivating LVS'],
    [{ type: 'service-left', because: { type: 'claim-over' } }, 'notice: no owner any more: deactivating LVS'],
    [{ type: 'service-left', because: { type: 'stop', reason: 'got SIGTERM' } }, 'notice: got SIGTERM'],
  ],
  'service-asked': [
    [
      { type: 'service-asked', of: partner, because: { type: 'operator' } },
      'notice: switched by the operator: asking the backup for the service',
    ],
    [
      { type: 'service-asked', of: partner, because: { type: 'failback', lost: undefined } },
      'notice: asking the backup for the service',
    ],
    [
      { type: 'service-asked', of: partner, because: { type: 'failback', lost: { known: 1, of: 9 } } },
      'notice: asking the backup for the service, although it knows only 1 of 9 connections',
    ],
  ],
  'switch-refused': [[{ type: 'switch-refused', because: problem }, 'warning: the switch is refused: no memory']],
  stopping: [[{ type: 'stopping', because: { type: 'stop', reason: 'got SIGTERM' } }, 'notice: got SIGTERM']],
  'lvs-refused': [[{ type: 'lvs-refused', because: problem }, 'error: lvs refused the configuration: no memory']],
  'lvs-differs': [[{ type: 'lvs-differs' }, 'error: lvs runs another configuration than pulse: restart pulse']],
  'lvs-unable': [[{ type: 'lvs-unable', because: problem }, 'error: lvs cannot balance: no memory']],
  'lvs-fenced': [[{ type: 'lvs-fenced' }, 'error: lvs had no sign of life of pulse and has taken the addresses down']],
  'lvs-ended': [
    [
      { type: 'lvs-ended', because: { type: 'ended', how: 'was killed by SIGKILL' } },
      'error: lvs was killed by SIGKILL',
    ],
  ],
  'lvs-hangs': [
    [
      { type: 'lvs-hangs', because: { type: 'silence', silent: milliseconds(4600) } },
      'error: lvs has given no sign of life for 5 s: killing it',
    ],
  ],
  'lvs-recovered': [[{ type: 'lvs-recovered' }, 'notice: lvs had time to recover: this router may take over again']],
  'claim-over': [
    [{ type: 'claim-over' }, 'error: this router has sent no heartbeat for too long: the partner takes over'],
  ],
  mute: [[{ type: 'mute' }, 'error: no heartbeat can be sent on any network: if that lasts, the partner takes over']],
  'heard-again': [[{ type: 'heard-again' }, 'notice: heartbeats can be sent again']],
  'links-better': [
    [
      { type: 'links-better', because: { type: 'links', broken: undefined } },
      'notice: pulse is enabled: the links are up',
    ],
    [
      { type: 'links-better', because: { type: 'links', broken: 'the public link is down' } },
      'notice: pulse is enabled: the public link is down',
    ],
  ],
  'links-worse': [
    [
      { type: 'links-worse', class: 0, because: { type: 'links', broken: 'the public link is down' } },
      'error: the public link is down: pulse is disabled',
    ],
    [{ type: 'links-worse', class: 1, because: { type: 'links', broken: undefined } }, 'error: a link is down'],
  ],
  'not-synchronised': [
    [{ type: 'not-synchronised', because: problem }, 'error: connections are not synchronised: no memory'],
  ],
  synchronised: [
    [{ type: 'synchronised', because: { type: 'recovered' } }, 'notice: connections are synchronised again'],
  ],
  'addresses-wait': [
    [{ type: 'addresses-wait' }, 'warning: lvs has not said yet that it can balance: the addresses wait'],
  ],
  'addresses-wait-no-longer': [
    [
      { type: 'addresses-wait-no-longer' },
      'notice: not all servers have been judged yet: the addresses wait no longer',
    ],
  ],
  'addresses-new': [
    [{ type: 'addresses-new', addresses: ['10.0.0.1', '10.0.0.2'] }, 'notice: brought up: 10.0.0.1, 10.0.0.2'],
  ],
  'addresses-put-back': [[{ type: 'addresses-put-back', addresses: ['10.0.0.1'] }, 'warning: put back: 10.0.0.1']],
  'address-not-up': [
    [{ type: 'address-not-up', because: problem }, 'error: an address could not be brought up: no memory'],
  ],
  'address-not-down': [
    [
      { type: 'address-not-down', then: 'nothing', because: problem },
      'error: an address could not be taken down: no memory',
    ],
    [
      { type: 'address-not-down', then: 'try-again', because: problem },
      'error: an address could not be taken down, trying again: no memory',
    ],
    [
      { type: 'address-not-down', then: 'give-up', because: problem },
      'error: an address could not be taken down: no memory; it is still up here: take it down by hand',
    ],
  ],
  announced: [[{ type: 'announced' }, 'info: gratuitous lvs arps finished']],
  leftovers: [
    [
      { type: 'leftovers', addresses: [vip] },
      'warning: this router is inactive, and has floating addresses all the same: ' +
        `taking down ${vip.address} on ${vip.device}`,
    ],
  ],
  'in-the-way': [
    [
      { type: 'in-the-way', address },
      `error: this router is inactive, and answers for ${vip.address} all the same: ${vip.address}/24 on eth0 was not ` +
        `raised by pulse, and stays. Take it down: ip address delete ${vip.address}/24 dev eth0`,
    ],
  ],
  'left-alone': [
    [
      { type: 'left-alone', address },
      `notice: ${vip.address}/24 on eth0 is there, and pulse has not raised it: it is used as it is, and stays when ` +
        'the service goes',
    ],
  ],
  'foreign-gone': [
    [{ type: 'foreign-gone', address }, `notice: ${vip.address}/24 on eth0, which pulse had not raised, is gone`],
  ],
  'original-met': [
    [{ type: 'original-met', partner, proved }, 'notice: the backup is an original router: its rules count'],
  ],
  'original-gone': [[{ type: 'original-gone', partner, proved }, 'notice: the backup is no original router any more']],
  'resending-arps': [
    [{ type: 'resending-arps', proved, because: { type: 'partner-active' } }, 'notice: partner active: resending arps'],
  ],
  staying: [
    [
      { type: 'staying', proved, because: { type: 'forced' } },
      'notice: partner active: staying, for this router is started by force',
    ],
    [
      { type: 'staying', proved, because: { type: 'fitter' } },
      'notice: partner active: staying, for this router is fitter',
    ],
  ],
  'session-deaf': [
    [
      { type: 'session-deaf', partner, proved },
      "notice: the backup hears nothing of this router's session: a new one begins",
    ],
  ],
  unbelieved: [
    [
      { type: 'unbelieved', partner, doubt: 'bare-under-require', proved },
      'error: the backup is not believed: it sends the heartbeats of an original router, which are not signed, and ' +
        'heartbeat_auth = require here',
    ],
  ],
  'other-file': [
    [
      { type: 'other-file', partner, proved },
      'warning: the backup runs another lvs.cf than this router: make them equal and reload both',
    ],
  ],
  'same-file': [[{ type: 'same-file', proved }, 'notice: both routers run the same lvs.cf again']],
  'same-timers': [[{ type: 'same-timers', proved }, 'notice: the partner has the same timers: they count from now on']],
  'foreign-told': [
    [
      { type: 'foreign-told', what: { at: 'partner', partner, addresses: ['10.0.0.1', '10.0.0.2'] }, proved },
      'error: the backup answers for 10.0.0.1, 10.0.0.2, too, though it is inactive: its pulse has not raised this; ' +
        'take it down there',
    ],
    [
      { type: 'foreign-told', what: { at: 'here', address }, proved },
      `error: this router is inactive, and answers for ${vip.address} all the same: ${vip.address}/24 on eth0 was not ` +
        `raised by pulse, and stays. Take it down: ip address delete ${vip.address}/24 dev eth0`,
    ],
  ],
  'foreign-told-gone': [
    [{ type: 'foreign-told-gone', partner, proved }, 'notice: the backup answers for no floating address any more'],
  ],
  'partner-stays': [
    [
      { type: 'partner-stays', partner },
      'error: the backup goes on saying that it is active, too, although this router sends: stop one of them',
    ],
  ],
  'partner-silent': [
    [
      { type: 'partner-silent', partner, because: { type: 'silence', silent: milliseconds(6000) } },
      'warning: no heartbeat of the backup for 6000 ms',
    ],
  ],
  'partner-changed': [
    [{ type: 'partner-changed', addresses: ['10.0.0.1', '10.0.1.1'] }, 'notice: the partner is 10.0.0.1, 10.0.1.1 now'],
  ],
  'partner-dropped': [
    [
      { type: 'partner-dropped' },
      'notice: no partner any more: the former one is sent heartbeats until pulse is restarted, so that it stays inactive',
    ],
  ],
  'timers-differ': [
    [
      { type: 'timers-differ' },
      'notice: new timers: until the partner has the same file this router lets go by the shorter deadtime ' +
        'and takes over by the longer one. Reload the partner, too',
    ],
  ],
};

type Of<T extends PairNews['type']> = Extract<PairNews, { readonly type: T }>;

const all: readonly (readonly [line: string, news: PairNews])[] = Object.values(rows).flatMap((each) =>
  each.map(([news, line]) => [line, news] as const),
);

describe('the words of the log', () => {
  test.each(all)('%s', (line, news) => {
    const { level, text, kind } = wordsOf(news);
    expect(`${level}: ${text}`).toBe(line);
    expect(kind).toBeUndefined();
  });

  test('what was heard and is not proved has one line a minute', () => {
    const heard = all.flatMap(([, news]) => ('proved' in news ? [{ ...news, proved: false }] : []));
    expect(heard.length).toBeGreaterThan(0);
    for (const news of heard) expect(wordsOf(news).kind).toEqual(expect.any(String));
  });

  test('of a condition that comes and goes within a minute the last word is said', () => {
    const heard = { partner: 'backup', proved: false } as const;
    const kinds = [wordsOf({ type: 'other-file', ...heard }), wordsOf({ type: 'same-file', proved: false })];
    expect(new Set(kinds.map(({ kind }) => kind)).size).toBe(1);
  });
});
