import { expect, test } from '@jest/globals';
import { parseIpAddress } from '@piranha/domain';
import fc from 'fast-check';
import { decodeControlAnswer } from './control-answer.ts';
import { decodeControlRequest } from './control-request.ts';
import { encodeLine } from './json.ts';
import { decodeLvsCommand } from './lvs-command.ts';
import { adoptRequest, decodeLvsGreeting, isAdoptRequest } from './lvs-heir.ts';
import { decodeLvsMessage } from './lvs-message.ts';
import { decodeNannyCommand } from './nanny-command.ts';
import { decodeNannyMessage } from './nanny-message.ts';
import { decodeOwnership } from './ownership.ts';
import { decodeSendArpCommand } from './send-arp-command.ts';
import { decodeSendArpMessage } from './send-arp-message.ts';

const decoders = {
  decodeControlAnswer,
  decodeControlRequest,
  decodeLvsCommand,
  decodeLvsGreeting,
  decodeLvsMessage,
  decodeOwnership,
  decodeNannyCommand,
  decodeNannyMessage,
  decodeSendArpCommand,
  decodeSendArpMessage,
};

const watch = {
  type: 'watch',
  watch: 'web/one',
  check: {
    kind: 'dialogue',
    virtual: '10.1.0.100:80',
    address: parseIpAddress('10.2.0.11'),
    port: 80,
    protocol: 'tcp',
    send: 'QUIT',
    expect: null,
    useRegex: false,
    timeout: 1000,
    fall: 1,
    rise: 1,
    load: null,
  },
  known: 'unknown',
} as const;

test('a watch command survives the pipe', () => {
  expect(decodeNannyCommand(encodeLine(watch))).toEqual({ ok: true, value: watch });
});

test('the program for the load goes with it', () => {
  const load = { program: ['ruptime'], every: 20_000, host: 'web1' };
  const asking = { ...watch, check: { ...watch.check, load } };
  expect(decodeNannyCommand(encodeLine(asking))).toEqual({ ok: true, value: asking });
});

test('a configure command survives the pipe with its names', () => {
  const command = { type: 'configure', file: '/etc/lvs.cf', text: 'primary = a\n', names: { a: '10.1.0.2' } };
  expect(decodeLvsCommand(encodeLine(command))).toEqual({ ok: true, value: command });
});

test('a tick survives the pipe, and one without a proper term is refused', () => {
  const tick = { type: 'tick', role: 'active', term: 4_294_967_295, held: true };
  expect(decodeLvsCommand(encodeLine(tick))).toEqual({ ok: true, value: tick });
  for (const term of [-1, 0.5, 4_294_967_296]) expect(decodeLvsCommand(encodeLine({ ...tick, term })).ok).toBe(false);
});

test.each([
  { type: 'living', count: 3 },
  { type: 'living', count: null },
  { type: 'fenced', term: 7 },
  { type: 'alive' },
])('what lvs says of itself survives the pipe: %j', (message) => {
  expect(decodeLvsMessage(encodeLine(message))).toEqual({ ok: true, value: message });
});

test('an order to switch over and its answer survive the control socket', () => {
  const request = { type: 'switch', force: true };
  expect(decodeControlRequest(encodeLine(request))).toEqual({ ok: true, value: request });
  const answer = { type: 'switch', text: 'the partner is asked to take over' };
  expect(decodeControlAnswer(encodeLine(answer))).toEqual({ ok: true, value: answer });
});

test('the configuration in force survives the control socket', () => {
  const answer = { type: 'configuration', file: '/etc/lvs.cf', text: 'primary = a\n', names: { a: '10.1.0.2' } };
  expect(decodeControlAnswer(encodeLine(answer))).toEqual({ ok: true, value: answer });
});

test('a report of lvs survives the pipe, and again inside the answer to status', () => {
  const server = {
    ...{ name: 'one', id: 'tcp 10.1.0.100:80/10.2.0.11:80', address: parseIpAddress('10.2.0.11'), port: 80 },
    ...{ health: 'down', sinceMs: 1500.5, reason: 'connection refused' },
    order: { type: 'drain', sinceMs: 5, from: 'partner', drained: false, leftMs: null },
    ramp: { weight: 2, doubleInMs: 20_000 },
    ...{ weight: null, activeConnections: null, inactiveConnections: null },
  } as const;
  const lvs = {
    role: 'active',
    digest: '0123456789abcdef',
    table: {
      ...{ problem: null, failed: [{ line: '-A …', virtual: 'web', problem: 'no' }], failedCount: 1, retryInMs: 10 },
      timeouts: { tcp: 900, tcpFin: 0, udp: 0 },
    },
    troubles: [],
    ownAddresses: ['10.2.0.2'],
    owned: ['tcp 10.1.0.100:80'],
    virtualServers: [
      { name: 'web', service: 'tcp 10.1.0.100:80', scheduler: 'wlc', sorryServer: null, servers: [server] },
    ],
  } as const;
  const report = { type: 'report', id: 3, ...lvs } as const;
  expect(decodeLvsMessage(encodeLine(report))).toEqual({ ok: true, value: report });
  const pair = {
    ...{ term: 7, class: 1, classReason: 'eth1 is down', living: 3, held: false, wants: true, kind: 'pair' },
    ...{ alarm: null, connections: 12 },
  } as const;
  const partner = {
    ...{ said: 'running', heardAgoMs: 5, channels: [], term: 7, class: null, living: null, digest: null },
    ...{ hearsUs: true, authenticated: false, refused: { unsigned: 2 } },
    ...{ connections: null, lacksOrders: ['tcp 10.1.0.100:80/10.2.0.11:80'] },
  } as const;
  const status = {
    ...{ type: 'status', version: '1', pid: 1, role: 'primary', state: 'active', sinceMs: 1, file: 'f', digest: 'd' },
    ...{ pair, partner, troubles: [], addresses: [], addressProblem: null },
    ...{ balancer: { running: true, table: 'usable', silentMs: 40, restartInMs: null }, lvs, lvsProblem: null },
    linksCount: true,
  } as const;
  expect(decodeControlAnswer(encodeLine(status))).toEqual({ ok: true, value: status });
});

test('a command with a wrong field is refused and the field is named', () => {
  const broken = { ...watch, check: { ...watch.check, port: 70000 } };
  expect(decodeNannyCommand(encodeLine(broken))).toEqual({ ok: false, error: 'check.port: not a port' });
});

test.each(Object.entries(decoders))('%s refuses what is not one of its messages and never throws', (_name, decode) => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.jsonValue().map((value) => JSON.stringify({ type: value })),
      ),
      (line) => {
        expect(decode(line).ok).toBe(false);
      },
    ),
  );
});

test.each(['term', 'sentAt', 'spokenAt'])('a tick whose %s is beyond all numbers is refused', (name) => {
  const tick = JSON.stringify({ type: 'tick', role: 'active', term: 1, sentAt: 5, spokenAt: 5 });
  expect(decodeLvsCommand(tick).ok).toBe(true);
  expect(decodeLvsCommand(tick.replace(new RegExp(`"${name}":\\d`), `"${name}":1e999`)).ok).toBe(false);
});

test.each(Object.entries(decoders))('%s says what is wrong with a long line in a short text', (_name, decode) => {
  const long = 'x'.repeat(100_000);
  for (const value of [long, { type: long }, { [long]: 1 }, { type: 'tick', role: long, term: 1 }]) {
    const decoded = decode(JSON.stringify(value));
    expect(decoded.ok ? '' : decoded.error).toMatch(/^.{1,301}$/);
  }
});

test('how an lvs stands survives the socket, and what is no greeting is refused', () => {
  const standing = { type: 'standing', pid: 7, role: 'active', term: 3, held: true, digest: 'd' };
  const refused = { type: 'refused', problem: 'another pulse is running' };
  for (const value of [standing, refused]) expect(decodeLvsGreeting(encodeLine(value))).toEqual({ ok: true, value });
  for (const bad of [{ ...standing, pid: 0 }, { ...standing, role: 'king' }, { type: 'ready' }]) {
    expect(decodeLvsGreeting(encodeLine(bad)).ok).toBe(false);
  }
});

test('only a request to adopt is one', () => {
  expect(isAdoptRequest(encodeLine(adoptRequest))).toBe(true);
  expect(isAdoptRequest('{"type":"tick"}')).toBe(false);
});

test.each(['announce', 'probe'] as const)('the order to %s an address of either family survives the pipe', (type) => {
  for (const address of ['10.1.0.100', 'fd00::64']) {
    const command = { type, device: 'eth0', address, mac: '525400abcdef' };
    expect(decodeSendArpCommand(encodeLine(command))).toEqual({ ok: true, value: command });
  }
});

test('that an address is taken survives the pipe, and by no station it is no message', () => {
  const message = { type: 'taken', device: 'eth0', address: '10.1.0.100', mac: '525400abcdef' };
  expect(decodeSendArpMessage(encodeLine(message))).toEqual({ ok: true, value: message });
  expect(decodeSendArpMessage(encodeLine({ ...message, mac: 'nobody' }))).toEqual({
    ok: false,
    error: 'mac: not a hardware address',
  });
});
