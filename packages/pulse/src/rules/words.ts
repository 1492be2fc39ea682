// What happened, in the words of the log. Pure.
import type { LogLevel } from '@piranha/logging';
import type { AddressNews, HealthNews, LostConnections, PairNews, ServiceNews } from '../news.ts';
import type { Wording } from './wording.ts';
import { inTheWayHere, placeOf, wordingOfPartner } from './words-of-partner.ts';

/** `kind`: of this kind one line a minute is enough, for somebody who is not the partner may cause it. */
export type Words = { readonly level: LogLevel; readonly text: string; readonly kind?: string };

/** The log line of what happened. A heard one is limited while nothing proves that the partner has caused it. */
export function wordsOf(news: PairNews): Words {
  const [level, text] = (wording[news.type] as (news: PairNews) => readonly [LogLevel, string])(news);
  return 'proved' in news && !news.proved ? { level, text, kind: conditions[news.type] ?? news.type } : { level, text };
}

/** News of one condition have one kind: of several within a minute the last one is said. */
const conditions: Readonly<Partial<Record<PairNews['type'], string>>> = {
  'other-file': 'file',
  'same-file': 'file',
  'foreign-told': 'foreign',
  'foreign-told-gone': 'foreign',
  'original-met': 'original',
  'original-gone': 'original',
};

const wordingOfService: Wording<ServiceNews> = {
  started: ({ role }) => ['notice', `STARTING PULSE AS ${role === 'primary' ? 'MASTER' : 'BACKUP'}`],
  'went-on': ({ term }) => ['notice', `going on as the active router, term ${term}`],
  'took-over': ({ because }) => ['notice', `${takeoverCause(because)}: activating lvs`],
  'service-given': ({ to, because }) => ['notice', givenText(to, because.type)],
  'service-left': ({ because }) => ['notice', leftText(because)],
  'service-asked': ({ of, because }) => [
    'notice',
    because.type === 'operator'
      ? `switched by the operator: asking the ${of} for the service`
      : `asking the ${of} for the service${lostText(because.lost)}`,
  ],
  'switch-refused': ({ because }) => ['warning', `the switch is refused: ${because.problem}`],
  stopping: ({ because }) => ['notice', because.reason],
};

type Cause<T extends ServiceNews['type']> = Extract<
  ServiceNews,
  { readonly type: T; readonly because: unknown }
>['because'];

function takeoverCause(because: Cause<'took-over'>): string {
  switch (because.type) {
    case 'partner-inactive':
      return `${because.partner} inactive`;
    case 'partner-dead':
      return 'partner dead';
    case 'no-partner':
      return 'no backup configured';
    case 'forced':
      return 'forced active';
  }
}

function givenText(to: string, because: Cause<'service-given'>['type']): string {
  const giving = `handing over to the ${to}`;
  switch (because) {
    case 'operator':
      return `switched by the operator: ${giving}`;
    case 'partner-asks':
      return `${giving}, as it asks for`;
    case 'partner-fitter':
      return `${giving}: it can serve better`;
    case 'cannot-balance':
      return `this router cannot balance: ${giving}`;
    case 'no-servers':
      return `a link is down and no server is left: ${giving}`;
  }
}

function leftText(because: Cause<'service-left'>): string {
  switch (because.type) {
    case 'partner-active':
      return 'partner active: deactivating LVS';
    case 'partner-deaf':
      return 'partner active and deaf to this router: deactivating LVS';
    case 'lvs-unable':
      return `lvs cannot balance: ${because.problem}`;
    case 'lvs-fenced':
    case 'claim-over':
      return 'no owner any more: deactivating LVS';
    case 'stop':
      return because.reason;
  }
}

const lostText = (lost: LostConnections | undefined): string =>
  lost === undefined ? '' : `, although it knows only ${lost.known} of ${lost.of} connections`;

const wordingOfHealth: Wording<HealthNews> = {
  'lvs-refused': ({ because }) => ['error', `lvs refused the configuration: ${because.problem}`],
  'lvs-differs': () => ['error', 'lvs runs another configuration than pulse: restart pulse'],
  'lvs-unable': ({ because }) => ['error', `lvs cannot balance: ${because.problem}`],
  'lvs-fenced': () => ['error', 'lvs had no sign of life of pulse and has taken the addresses down'],
  'lvs-ended': ({ because }) => ['error', `lvs ${because.how}`],
  'lvs-hangs': ({ because }) => [
    'error',
    `lvs has given no sign of life for ${Math.round(because.silent / 1000)} s: killing it`,
  ],
  'lvs-recovered': () => ['notice', 'lvs had time to recover: this router may take over again'],
  'claim-over': () => ['error', 'this router has sent no heartbeat for too long: the partner takes over'],
  mute: () => ['error', 'no heartbeat can be sent on any network: if that lasts, the partner takes over'],
  'heard-again': () => ['notice', 'heartbeats can be sent again'],
  'links-better': ({ because }) => ['notice', `pulse is enabled: ${because.broken ?? 'the links are up'}`],
  'links-worse': ({ because, class: now }) => [
    'error',
    `${because.broken ?? 'a link is down'}${now === 0 ? ': pulse is disabled' : ''}`,
  ],
  'not-synchronised': ({ because }) => ['error', `connections are not synchronised: ${because.problem}`],
  synchronised: () => ['notice', 'connections are synchronised again'],
};

const notDown = {
  nothing: { before: '', after: '' },
  'try-again': { before: ', trying again', after: '' },
  'give-up': { before: '', after: '; it is still up here: take it down by hand' },
} as const;

const wordingOfAddresses: Wording<AddressNews> = {
  'addresses-wait': () => ['warning', 'lvs has not said yet that it can balance: the addresses wait'],
  'addresses-wait-no-longer': () => ['notice', 'not all servers have been judged yet: the addresses wait no longer'],
  'addresses-new': ({ addresses }) => ['notice', `brought up: ${addresses.join(', ')}`],
  'addresses-put-back': ({ addresses }) => ['warning', `put back: ${addresses.join(', ')}`],
  'address-not-up': ({ because }) => ['error', `an address could not be brought up: ${because.problem}`],
  'address-not-down': ({ then, because }) => [
    'error',
    `an address could not be taken down${notDown[then].before}: ${because.problem}${notDown[then].after}`,
  ],
  announced: () => ['info', 'gratuitous lvs arps finished'],
  leftovers: ({ addresses }) => {
    const names = addresses.map(({ address, device }) => `${address} on ${device}`).join(', ');
    return ['warning', `this router is inactive, and has floating addresses all the same: taking down ${names}`];
  },
  'in-the-way': ({ address }) => ['error', inTheWayHere(address)],
  'left-alone': ({ address }) => [
    'notice',
    `${placeOf(address)} is there, and pulse has not raised it: it is used as it is, and stays when the service goes`,
  ],
  'foreign-gone': ({ address }) => ['notice', `${placeOf(address)}, which pulse had not raised, is gone`],
};

const wording: Wording<PairNews> = {
  ...wordingOfService,
  ...wordingOfHealth,
  ...wordingOfAddresses,
  ...wordingOfPartner,
};
