import { expect, test } from '@jest/globals';
import { configurationFromText } from '@piranha/config';
import type { IpAddress } from '@piranha/domain';
import { failure, instant, success } from '@piranha/domain';
import type { Interface } from '@piranha/protocol';
import type { Trailer } from '@piranha/protocol';
import { decodeControlAnswer, encodeLine } from '@piranha/protocol';
import { answerTo } from './control.ts';
import { pair } from '../testing/fake-file.ts';
import { makeLvsQuestions } from './lvs-questions.ts';
import { pulseSettings } from '../rules/settings.ts';
import type { PulseEvent } from '../events.ts';
import type { PulseState } from '../state.ts';
import { initialState, step } from '../step.ts';

const text = `${pair}nat_router = 10.2.0.1 eth1:1
virtual web {
  active = 1
  address = 10.1.0.100 eth0:1
  server one {
    address = 10.2.0.11
    active = 1
  }
}
`;

const read = configurationFromText('/etc/lvs.cf', text, {});
if (!read.ok) throw new Error('the file is wrong');
const loaded = read.value;

const interfaces: readonly Interface[] = [
  {
    name: 'eth0',
    up: true,
    running: true,
    mac: undefined,
    addresses: [{ address: '10.1.0.100' as IpAddress, prefix: 24, expires: false }],
  },
  { name: 'eth1', up: true, running: false, mac: undefined, addresses: [] },
];

const after = (...events: readonly PulseEvent[]): PulseState =>
  events.reduce((state, event) => step(state, event).state, initialState(pulseSettings(loaded, 'primary'), 11n));

/** What a pulse answers on which those events have happened; now is second 10. */
async function answered(line: string, events: readonly PulseEvent[], ip: 'answers' | 'fails' = 'answers') {
  const refuse = () => Promise.resolve(failure('ip did not run'));
  const answer = await answerTo(line, {
    clock: { now: () => instant(10_000) },
    addresses: {
      interfaces: ip === 'answers' ? () => Promise.resolve(success(interfaces)) : refuse,
      look: refuse,
      raise: refuse,
      lower: refuse,
      close: () => Promise.resolve(),
    },
    questions: makeLvsQuestions(),
    state: () => after(...events),
    loaded: () => loaded,
    dispatch: (event) => orders.push(event),
    reload: () => Promise.resolve(['lvs.cf:1:1: error: wrong']),
    sockets: {
      late: () => [],
      unguarded: () => new Map(),
      counters: () => ({
        strangers: 2,
        short: 0,
        incompatible: 0,
        malformed: 0,
        'own-session': 0,
        'old-sequence': 0,
        ...{ 'other-port': 0, far: 0, elsewhere: 0 },
      }),
    },
  });
  // What is answered is what a client can read.
  expect(decodeControlAnswer(encodeLine(answer))).toEqual({ ok: true, value: answer });
  return answer;
}

const started = { type: 'started', at: instant(0), force: false, adopted: undefined, timers: undefined } as const;
const ask = '{"type":"status"}';

/** What an active partner says. */
const said: Trailer = {
  ...{ kind: 'heartbeat', active: true, hears: true, leaving: false, given: false, want: false, held: false },
  ...{ class: 1, living: 3, term: 4, session: 5n, echo: 11n, sequence: 1n, digest: 'fedcba9876543210' },
};

/** What pulse was ordered through the socket. */
const orders: PulseEvent[] = [];

test('an inactive router says so, with what each channel has heard', async () => {
  const heard = (channel: 'public' | 'private', at: number): PulseEvent => ({
    type: 'datagram',
    at: instant(at),
    channel,
    datagram: { type: 'pair', trailer: { ...said, sequence: BigInt(at) }, signature: 'unchecked' },
  });
  expect(await answered(ask, [started, heard('public', 9000), heard('private', 9500)])).toMatchObject({
    type: 'status',
    pid: process.pid,
    role: 'primary',
    state: 'inactive',
    sinceMs: 10_000,
    file: '/etc/lvs.cf',
    digest: loaded.digest,
    partner: {
      said: 'running',
      heardAgoMs: 500,
      ...{ term: 4, class: 1, living: 3, digest: said.digest, hearsUs: true, authenticated: null },
      refused: { strangers: 2 },
      channels: [
        { name: 'public', address: '10.1.0.3', said: 'running', agoMs: 1000 },
        { name: 'private', address: '10.2.0.3', said: 'running', agoMs: 500 },
      ],
    },
    pair: { term: 0, class: 2, living: null, held: false, wants: false, kind: 'pair', alarm: null },
    balancer: { running: true, table: 'unknown', silentMs: 10_000, restartInMs: null },
    lvs: null,
    lvsProblem: 'lvs does not run',
  });
});

test('a router that took over says since when, and which addresses stand', async () => {
  const forced = { type: 'started', at: instant(3000), force: true, adopted: undefined, timers: undefined } as const;
  const ready = { type: 'lvs-said', at: instant(4000), message: { type: 'ready' } } as const;
  const up = { type: 'addresses-up', at: instant(4500), added: [] } as const;
  expect(await answered(ask, [forced])).toMatchObject({ state: 'taking-over', sinceMs: 7000 });
  expect(await answered(ask, [forced, ready, up])).toMatchObject({
    state: 'active',
    sinceMs: 5500,
    partner: { said: 'nothing', heardAgoMs: null, channels: [{ said: null, agoMs: null }, { said: null }] },
    balancer: { table: 'usable' },
    addresses: [
      { address: '10.1.0.100', device: 'eth0:1', up: true, link: 'up' },
      { address: '10.2.0.1', device: 'eth1:1', up: false, link: 'down' },
    ],
    linksCount: false,
    addressProblem: null,
  });
});

test('what `ip` does not tell is not made up', async () => {
  expect(await answered(ask, [started], 'fails')).toMatchObject({
    addresses: [
      { up: null, link: null },
      { up: null, link: null },
    ],
    addressProblem: 'ip did not run',
  });
});

test('an lvs that waits for its restart is told with the time', async () => {
  const ended = (at: number): PulseEvent => ({
    type: 'lvs-ended',
    at: instant(at),
    ending: { type: 'exited', code: 1 },
  });
  expect(await answered(ask, [started, ended(9000), ended(9900)])).toMatchObject({
    balancer: { running: false, restartInMs: 300 },
  });
});

test('a router that cannot serve and hears of nobody who does is an alarm', async () => {
  const unable = { type: 'lvs-said', at: instant(500), message: { type: 'unable', problem: 'no ip_vs' } } as const;
  expect(await answered(ask, [started, unable])).toMatchObject({
    pair: {
      class: 0,
      classReason: 'lvs cannot balance',
      alarm:
        'this router cannot serve (lvs cannot balance), and nothing is heard of the backup: look there whether it serves',
    },
  });
});

test('a switch that is refused is answered with the reason, and nothing is ordered', async () => {
  expect(await answered('{"type":"switch","force":true}', [started])).toEqual({
    type: 'error',
    problem: expect.stringMatching(/do not hear each other/),
  });
  expect(orders).toEqual([]);
});

test('a switch that is possible is ordered, and its answer says what happens', async () => {
  const active = { type: 'datagram', at: instant(9500), channel: 'public' } as const;
  const trailer = { ...said, digest: loaded.digest };
  const heard: PulseEvent = { ...active, datagram: { type: 'pair', trailer, signature: 'unchecked' } };
  expect(await answered('{"type":"switch","force":false}', [started, heard])).toEqual({
    type: 'switch',
    text: 'asking the backup for the service',
  });
  expect(orders.splice(0)).toMatchObject([{ type: 'switch', force: false }]);
});

test('the configuration in force is handed out as it was read', async () => {
  expect(await answered('{"type":"configuration"}', [started])).toEqual({
    type: 'configuration',
    file: '/etc/lvs.cf',
    text,
    names: {},
  });
});

test.each(['', 'status', '{"type":"dance"}', '[]'])(
  'the request %j is answered with what is wrong with it',
  async (line) => {
    expect(await answered(line, [])).toMatchObject({
      type: 'error',
      problem: expect.stringContaining('unknown request'),
    });
  },
);

test('a reload is answered with what keeps the file from being put in force', async () => {
  expect(await answered('{"type":"reload"}', [started])).toEqual({
    type: 'reload',
    problems: ['lvs.cf:1:1: error: wrong'],
  });
});
