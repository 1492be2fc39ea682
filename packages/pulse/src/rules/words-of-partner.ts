// The words for what was heard of the other router; some of them lvsctl shows, too, for as long as it is so. Pure.
import type { ForeignAddress } from '@piranha/domain';
import type { Doubt, InTheWay, PartnerNews, Side } from '../news.ts';
import type { Wording } from './wording.ts';

const doubts: Readonly<Record<Doubt, string>> = {
  // W1: an active partner that cannot prove that it speaks now.
  unproved:
    'signs well and says that it is active, but does not hear this router: it may be a recording, or one direction of the network is cut',
  'wrong-signature':
    'is not believed: its heartbeats have a wrong signature. Give both routers the same heartbeat_key_file, and reload them',
  unsigned:
    'is not believed: its heartbeats are not signed, and heartbeat_auth = require here. Give both routers the same heartbeat_key_file, and reload them',
  'other-port':
    'is not believed: what has its address does not come from its heartbeat_port. It is somebody else, or there is a NAT between the routers',
  far: 'is not believed: what has its address comes through other routers, so it may be somebody else. Where other routers are between the two, set heartbeat_ttl in both files; where an earlier version runs there again, reload pulse here',
  elsewhere:
    'is not believed: what has its address comes in by another interface than the one of this channel, so it may be somebody else',
  'bare-under-require':
    'is not believed: it sends the heartbeats of an original router, which are not signed, and heartbeat_auth = require here',
};

/** The partner's address speaks, and nothing of it counts. */
export const unbelievedText = (partner: Side, doubt: Doubt): string => `the ${partner} ${doubts[doubt]}`;

/** It should hear us, and yield or outbid us. */
export const stayingText = (partner: Side): string =>
  `the ${partner} goes on saying that it is active, too, although this router sends: stop one of them`;

/** An address and where it is. */
export const placeOf = ({ address, prefix, device }: ForeignAddress): string => `${address}/${prefix} on ${device}`;

/** It is up on this router, which is inactive. */
export const inTheWayHere = (each: ForeignAddress): string =>
  `this router is inactive, and answers for ${each.address} all the same: ${placeOf(each)} was not raised by pulse, and ` +
  `stays. Take it down: ip address delete ${each.address}/${each.prefix} dev ${each.device}`;

/** What is wrong with addresses that stand where they should not. */
export const inTheWayText = (what: InTheWay): string =>
  what.at === 'here'
    ? inTheWayHere(what.address)
    : `the ${what.partner} answers for ${what.addresses.join(', ')}, too, though it is inactive: ` +
      'its pulse has not raised this; take it down there';

/** Level and text of each. */
export const wordingOfPartner: Wording<PartnerNews> = {
  'original-met': ({ partner }) => ['notice', `the ${partner} is an original router: its rules count`],
  'original-gone': ({ partner }) => ['notice', `the ${partner} is no original router any more`],
  'resending-arps': () => ['notice', 'partner active: resending arps'],
  staying: ({ because }) => [
    'notice',
    `partner active: staying, for this router is ${because.type === 'forced' ? 'started by force' : 'fitter'}`,
  ],
  'session-deaf': ({ partner }) => [
    'notice',
    `the ${partner} hears nothing of this router's session: a new one begins`,
  ],
  unbelieved: ({ partner, doubt }) => ['error', unbelievedText(partner, doubt)],
  'other-file': ({ partner }) => [
    'warning',
    `the ${partner} runs another lvs.cf than this router: make them equal and reload both`,
  ],
  'same-file': () => ['notice', 'both routers run the same lvs.cf again'],
  'same-timers': () => ['notice', 'the partner has the same timers: they count from now on'],
  'foreign-told': ({ what }) => ['error', inTheWayText(what)],
  'foreign-told-gone': ({ partner }) => ['notice', `the ${partner} answers for no floating address any more`],
  'partner-stays': ({ partner }) => ['error', stayingText(partner)],
  'partner-silent': ({ partner, because }) => ['warning', `no heartbeat of the ${partner} for ${because.silent} ms`],
  'partner-changed': ({ addresses }) => ['notice', `the partner is ${addresses.join(', ')} now`],
  'partner-dropped': () => [
    'notice',
    'no partner any more: the former one is sent heartbeats until pulse is restarted, so that it stays inactive',
  ],
  'timers-differ': () => [
    'notice',
    'new timers: until the partner has the same file this router lets go by the shorter deadtime ' +
      'and takes over by the longer one. Reload the partner, too',
  ],
};
