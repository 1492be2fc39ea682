// The bundled nanny against servers and check programs that behave badly: the right verdict, for the right reason, in
// bounded time and memory, and nothing of it left behind. One nanny does it all at the same time.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Port } from '@piranha/domain';
import { milliseconds } from '@piranha/domain';
import type { CheckParts } from '@piranha/protocol';
import * as faulty from './faulty-servers.ts';
import type { FaultyServer, ServerKind } from './faulty-servers.ts';
import type { Finding, NannyProcess } from './nanny-process.ts';
import { childrenOf, openDescriptors, peakMemory, runningIn, startNanny } from './nanny-process.ts';

jest.setTimeout(120_000);

/** A check, and how it has to end: the reason of a failure as a whole, with PORT for the server's port. */
type Row = {
  readonly name: string;
  readonly server?: ServerKind;
  readonly check?: Partial<CheckParts>;
  readonly verdict: string | RegExp;
};

const row = (name: string, server: ServerKind, check: Partial<CheckParts>, verdict: Row['verdict']): Row => ({
  ...{ name, server, check, verdict },
});

/** Where a check has to run into its limit; all others have to find out sooner. */
const brief = { timeout: milliseconds(700) };
const web = { send: 'GET / HTTP/1.0\\r\\n\\r\\n', expect: 'HTTP/1.1 200' };
const regex = (expected: string): Partial<CheckParts> => ({ expect: expected, useRegex: true });
const down = (reason: string): string => `down: ${reason}`;
const unexpected = (shown: string): string => down(`unexpected answer ${shown}`);

const xs = `"${'x'.repeat(60)}…"`;
const longAnswer = `${'a'.repeat(60_000)}!`;

const tcpRows: readonly Row[] = [
  row('a closed port', faulty.closedPort, {}, down('connection refused')),
  row('a closed port where an answer is expected', faulty.closedPort, web, down('connection refused')),
  row('accepts and says nothing', faulty.silent, { ...web, ...brief }, down('READ to 127.0.0.1:PORT timed out')),
  row('accepts and says nothing where nothing is expected', faulty.silent, {}, 'up'),
  row(
    'sends one byte a second',
    faulty.oneByteASecond('HTTP/1.1 200 OK'),
    { ...web, timeout: milliseconds(1600) },
    /^down: READ to 127\.0\.0\.1:PORT timed out after "HT{0,3}"$/,
  ),
  row('sends one byte a second, and enough of them', faulty.oneByteASecond('HT'), { expect: 'HT' }, 'up'),
  row('answers without end, as expected', faulty.endless('x'), { expect: 'xxx' }, 'up'),
  row('answers without end where any answer will do', faulty.endless('x'), { expect: '*' }, 'up'),
  row('answers without end something else', faulty.endless('x'), { expect: 'y' }, unexpected(xs)),
  row(
    'answers without end, and ever more is expected',
    faulty.endless('x'),
    { expect: 'x'.repeat(70_000) },
    unexpected(xs),
  ),
  row('answers without end what no expression matches', faulty.endless('x'), regex('y$'), unexpected(xs)),
  row('resets the connection', faulty.resetting, web, down('connection reset by peer')),
  row('closes without a byte', faulty.answering(''), web, down('closed without an answer')),
  row(
    'closes without a byte where any will do',
    faulty.answering(''),
    { expect: '*' },
    down('closed without an answer'),
  ),
  row('closes too early', faulty.answering('HTTP'), web, down('READ from 127.0.0.1:PORT was too short: "HTTP"')),
  row('answers, then resets', faulty.answeringThenResetting('HTTP/1.1 200 OK'), web, 'up'),
  row(
    'answers at length, then resets',
    faulty.answeringThenResetting(`${'x'.repeat(9000)}ready`),
    { send: 'x', ...regex('ready') },
    'up',
  ),
  row(
    'answers too little, then resets',
    faulty.answeringThenResetting('HTTP'),
    web,
    // The system's reset may come to a reader as an end.
    /^down: (connection reset by peer after|READ from 127\.0\.0\.1:PORT was too short:) "HTTP"$/,
  ),
  row('answers something else', faulty.answering('SSH-2.0-x\r\n'), web, unexpected('"SSH-2.0-x\\r\\n"')),
];

const expressionRows: readonly Row[] = [
  ...['(a+)+$', '(a|aa)*(a|aaa)*c', '(a*)*b', '(.*)*x$'].map((evil) =>
    row(`a long answer and ${evil}`, faulty.answering(longAnswer), regex(evil), unexpected(`"${'a'.repeat(60)}…"`)),
  ),
  row('a POSIX class', faulty.answering('17 users'), regex('^[[:digit:]]+ users'), 'up'),
  row('a dot with one backslash', faulty.answering('a.b'), regex('a\\.b'), 'up'),
  row('a dot with two backslashes', faulty.answering('a.b'), regex('a\\\\.b'), 'up'),
  row('a dot that is none', faulty.answering('axb'), regex('a\\.b'), unexpected('"axb"')),
  row('\\d', faulty.answering('17'), regex('^\\d\\d$'), 'up'),
  row('ends of a word', faulty.answering('is OK now'), regex('\\<OK\\>'), 'up'),
  row('ends of a longer word', faulty.answering('is OKAY now'), regex('\\<OK\\>'), unexpected('"is OKAY now"')),
  row('an unknown escape', faulty.answering('a\\qb'), { expect: 'a\\qb' }, 'up'),
  row('a trailing backslash', faulty.answering('a\\'), { expect: 'a\\' }, 'up'),
  row(
    'an unfinished expression',
    faulty.answering('x'),
    regex('a\\'),
    /^down: expect is not a valid regular expression: /,
  ),
  row('a beginning and an end', faulty.saying('OK'), regex('^OK$'), 'up'),
];

const [right, wrong] = ['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK, but down'];
const split = (answer: string, position: number): ServerKind =>
  faulty.inPieces([answer.slice(0, position), answer.slice(position)], 400);
const splitRows: readonly Row[] = Array.from(right, (_byte, index) => index + 1).flatMap((position) => [
  row(`the right answer, split after byte ${position}`, split(`${right}\r\n`, position), { expect: right }, 'up'),
  row(
    `the right line, split after byte ${position}`,
    split(`${right}\r\n`, position),
    regex('^HTTP.*200 OK\r\n$'),
    'up',
  ),
  row(
    `a wrong answer, split after byte ${position}`,
    split('HTTP/1.1 200 ok', position),
    { expect: right },
    /^down: unexpected answer "HTTP\/1\.1 200 ok?"$/,
  ),
  row(
    `an answer that goes on, split after byte ${position}`,
    split(wrong, position),
    { ...regex('^HTTP.*200 OK$'), timeout: milliseconds(3000) },
    down(`READ to 127.0.0.1:PORT timed out after "${wrong}"`),
  ),
]);

const ping: Partial<CheckParts> = { protocol: 'udp', send: 'ping', expect: 'pong' };
const timedOut = down('READ to 127.0.0.1:PORT timed out');
const udpRows: readonly Row[] = [
  row('an answer from another address', faulty.strangerAnswers('another address'), { ...ping, ...brief }, timedOut),
  row('an answer from another port', faulty.strangerAnswers('another port'), { ...ping, ...brief }, timedOut),
  row('UDP refused', faulty.closedUdpPort, ping, down('connection refused')),
  row('UDP refused where nothing is expected', faulty.closedUdpPort, { protocol: 'udp' }, down('connection refused')),
  row('UDP silent', faulty.silentUdp, { ...ping, ...brief }, timedOut),
  row('UDP silent where nothing is expected', faulty.silentUdp, { protocol: 'udp', ...brief }, 'up'),
  row('a lost datagram', faulty.answeringAfter(1), ping, 'up'),
  row('another answer over UDP', faulty.answeringAfter(0), { ...ping, expect: 'x' }, unexpected('"pong"')),
];

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'piranha-nanny-')));
const port = 4711 as Port;
const abnormal = (command: string, how: string): string => down(`The following exited abnormally: ${command}: ${how}`);
const trouble = (shown: string): string =>
  down(`Trouble. Received results are not what we expected from (127.0.0.1:PORT): ${shown}`);

const program = (
  name: string,
  argv: readonly [string, ...string[]],
  more: Partial<CheckParts>,
  verdict: Row['verdict'],
) => ({
  ...{ name, check: { program: argv, ...more }, verdict },
});
const sh = (name: string, script: string, more: Partial<CheckParts>, verdict: Row['verdict']): Row =>
  program(name, ['sh', '-c', script], more, verdict);
/** A script of which the reason says how it ended. */
const failing = (name: string, script: string, more: Partial<CheckParts>, how: string): Row =>
  sh(name, script, more, abnormal(`sh -c ${script}`, how));

const zeros = '"\\x00{60}…"'.replace('\\x00{60}', '\\x00'.repeat(60));
const ok = { expect: 'OK' };
const listDescriptors = 'for n in 0 1 2 3 4 5 6 7 8 9 $0; do [ -e /proc/$$/fd/$n ] && printf $n; done; true';
const tenMillion = 'head -c 10000000 /dev/zero';

const programRows: readonly Row[] = [
  failing('hangs', 'sleep 600', brief, 'killed after 700 ms'),
  failing('hangs and ignores TERM', 'trap "" TERM; sleep 600; sleep 600', brief, 'killed after 700 ms'),
  failing('hangs with a child in a group of its own', 'timeout 600 sleep 600; true', brief, 'killed after 700 ms'),
  failing('hangs with a child in a session of its own', 'setsid --wait sleep 600; true', brief, 'killed after 700 ms'),
  failing('writes without end', 'yes; true', brief, 'killed after 700 ms'),
  sh('leaves a child with its output', 'sleep 600 & echo OK', ok, 'up'),
  sh('leaves a child in a group of its own with its output', 'timeout 600 sleep 600 & echo OK', ok, 'up'),
  sh('leaves a child in a session of its own with its output', 'setsid sleep 600 & echo OK', ok, 'up'),
  sh('leaves an orphan in a session of its own', '(setsid sh -c "sleep 600" & ); echo OK; sleep 0.1', ok, 'up'),
  failing('fails and leaves a child', 'setsid sleep 600 & exit 4', ok, 'status 4'),
  sh('writes 10 MB', tenMillion, {}, 'up'),
  sh('writes 10 MB of something else', tenMillion, ok, trouble(zeros)),
  sh('complains in 10 MB', `${tenMillion} >&2; echo OK`, ok, 'up'),
  failing('fails with 10 MB of complaints', `${tenMillion} >&2; exit 3`, {}, `status 3, ${zeros}`),
  program('does not exist', ['no-such-program'], ok, abnormal('no-such-program', 'no such file or directory')),
  failing('fails after the right words', 'echo OK; exit 1', ok, 'status 1'),
  failing('is killed', 'echo OK; kill -TERM $$', ok, 'killed by SIGTERM'),
  sh('ends its output with a line end', 'echo OK', ok, 'up'),
  sh('ends its output without a line end', 'printf OK', ok, 'up'),
  sh('ends its output with two line ends', 'echo OK; echo', ok, trouble('"OK\\n\\n"')),
  sh('writes more', 'echo OKx', ok, trouble('"OKx\\n"')),
  sh('writes what the expression matches', 'echo all is OK', regex('OK'), 'up'),
  sh('writes what the expression does not match', 'echo all is lost', regex('OK'), trouble('"all is lost\\n"')),
  sh('writes anything', 'echo x', { expect: '*' }, 'up'),
  sh('writes nothing where anything is expected', 'true', { expect: '*' }, trouble('""')),
  sh(
    'writes at length against an evil expression',
    `printf %s ${'a'.repeat(9000)}!`,
    regex('(a+)+$'),
    /^down: Trouble/,
  ),
  program(
    'has address and port as words and inside',
    ['echo', '%h', '%p', 'http://%h:%p/%%p'],
    {
      expect: `127.0.0.1 ${port} http://127.0.0.1:${port}/%${port}`,
    },
    'up',
  ),
  sh('has no other descriptors', listDescriptors, { expect: '012' }, 'up'),
  program(
    'sees a small environment',
    ['env'],
    regex('^HOME=/h\nPATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin\nPIRANHA_CHECK=[0-9.]+\n$'),
    'up',
  ),
];

const rows = [...tcpRows, ...expressionRows, ...splitRows, ...udpRows, ...programRows];

let nanny: NannyProcess;
let servers: readonly FaultyServer[];
const findings = new Map<Row, Promise<Finding>>();
let descriptors: number;

/** Its own, and what systemd would have given to pulse. */
const environment = { HOME: '/h', PATH: '/nowhere', NOTIFY_SOCKET: '/run/notify', SECRET: 'x', NODE_OPTIONS: '' };

beforeAll(async () => {
  nanny = startNanny(folder, environment);
  // The library for expressions is loaded by the first that needs it.
  await nanny.check({ port, program: ['true'], ...regex('x*') });
  descriptors = openDescriptors(nanny.pid);
  servers = await Promise.all(rows.map(({ server = faulty.closedPort }) => server()));
  for (const [index, each] of rows.entries()) {
    const served = each.server === undefined ? port : (servers[index]?.port ?? port);
    const finding = nanny.check({ ...each.check, port: served });
    findings.set(
      each,
      finding.then(({ verdict, afterMs }) => ({ verdict: verdict.replace(`:${served}`, ':PORT'), afterMs })),
    );
  }
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  rmSync(folder, { recursive: true });
});

const wanted = (verdict: Row['verdict']): unknown =>
  typeof verdict === 'string' ? verdict : expect.stringMatching(verdict);

test.each(rows)('$name: $verdict', async (each) => {
  const found = await findings.get(each);
  expect(found?.verdict).toEqual(wanted(each.verdict));
  // The limit of those that do not run into it is above that.
  expect(found?.afterMs).toBeLessThan(50_000);
});

describe('after all of that', () => {
  beforeAll(() => Promise.all(findings.values()));

  test('nothing of any check program runs on, and no child waits to be reaped', async () => {
    expect(await settled(() => [runningIn(folder).length, childrenOf(nanny.pid).length], [1, 0])).toEqual([1, 0]);
  });

  test('the nanny has as many descriptors as before', async () => {
    expect(await settled(() => openDescriptors(nanny.pid), descriptors)).toBe(descriptors);
  });

  test('the nanny never had more than 192 MB', () => {
    expect(peakMemory(nanny.pid)).toBeLessThan(192 * 2 ** 20);
  });
});

/** Looks until it sees the value or time is up: orphans that are killed end a little later. Gives the last sight. */
async function settled<T>(look: () => T, expected: T): Promise<T> {
  const end = performance.now() + 10_000;
  while (JSON.stringify(look()) !== JSON.stringify(expected) && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return look();
}

test('checks that hang delay no other, and end with the nanny when lvs is gone', async () => {
  const hanging = Array.from({ length: 20 }, () => nanny.check({ port, program: ['sleep', '600'] }));
  const silent = await faulty.silent();
  hanging.push(...Array.from({ length: 20 }, () => nanny.check({ ...web, port: silent.port })));
  const good = await faulty.answering(right)();
  const first = await Promise.race([...hanging, nanny.check({ ...web, port: good.port })]);
  expect(first.verdict).toBe('up');
  expect(runningIn(folder)).toHaveLength(1 + 20);
  expect(await nanny.end()).toEqual({ status: 0, complaints: '' });
  expect(await settled(() => runningIn(folder), [])).toEqual([]);
  await Promise.all([silent.close(), good.close()]);
});

test('a long command is told in part', async () => {
  const other = startNanny(folder, environment);
  const { verdict } = await other.check({ port, program: ['false', 'x'.repeat(5000)] });
  expect(verdict).toBe(abnormal(`false ${'x'.repeat(194)}…`, 'status 1'));
  await other.end();
});

test('a nanny keeps the priority at which it was started', async () => {
  const patient = startNanny(folder, process.env, ['nice', '-n', '5', process.execPath]);
  expect((await patient.check({ port, program: ['true'] })).verdict).toBe('up');
  expect(getPriority(patient.pid)).toBe(Math.min(19, getPriority() + 5));
  expect(await patient.end()).toEqual({ status: 0, complaints: '' });
});
