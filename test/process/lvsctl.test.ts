// The bundled lvsctl as a real process: what it prints and its exit status, with and without a pulse that answers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, expect, jest, test } from '@jest/globals';
import type { IpAddress, Port } from '@piranha/domain';
import type { LvsReport, StatusAnswer } from '@piranha/protocol';
import { folderWithFile, web } from './lvs-cf.ts';

jest.setTimeout(60_000);

const { folder, file } = await folderWithFile('lvsctl');
const socket = join(folder, 'pulse.sock');
const ipvsadm = join(folder, 'ipvsadm');
writeFileSync(ipvsadm, '', { mode: 0o755 });
let server: Server | undefined;

afterEach(async () => {
  if (server === undefined) return;
  const closed = once(server, 'close');
  server.close();
  server = undefined;
  await closed;
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

// Nothing here goes out.
const good = `primary = 127.0.0.1\nipvsadm = ${ipvsadm}\n${web}check_user = root\n`;

/** A program in the place of ipvsadm that shows a table and refuses to write. */
function showsTable(saved: string): void {
  writeFileSync(ipvsadm, `#!/bin/sh\ncase $1 in -S) cat <<'END'\n${saved}\nEND\n;; -L) ;; *) exit 9 ;; esac\n`);
  chmodSync(ipvsadm, 0o755);
}

async function lvsctl(...args: readonly string[]) {
  const child = spawn(process.execPath, ['build/lib/lvsctl.cjs', ...args], { timeout: 30_000 });
  child.stdin.end();
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { status, stdout, stderr };
}

/** Answers each request as told by its type, as pulse would. */
async function pulseAnswers(answers: Readonly<Record<string, unknown>>): Promise<void> {
  server = createServer((client) => {
    client.setEncoding('utf8').once('data', (line: string) => {
      const { type } = JSON.parse(line) as { type: string };
      client.end(`${JSON.stringify(answers[type])}\n`);
    });
  });
  server.listen(socket);
  await once(server, 'listening');
}

/** Answers every request the same, and keeps what was asked. */
async function pulseNotes(answer: unknown): Promise<readonly unknown[]> {
  const requests: unknown[] = [];
  server = createServer((client) => {
    client.setEncoding('utf8').once('data', (line: string) => {
      requests.push(JSON.parse(line));
      client.end(`${JSON.stringify(answer)}\n`);
    });
  });
  server.listen(socket);
  await once(server, 'listening');
  return requests;
}

const report: LvsReport = {
  role: 'active',
  digest: 'd',
  table: { problem: null, failed: [], failedCount: 0, timeouts: null, retryInMs: null },
  troubles: [],
  ownAddresses: [],
  owned: ['tcp 192.0.2.100:80'],
  virtualServers: [
    {
      ...{ name: 'web', service: 'tcp 192.0.2.100:80', scheduler: 'wlc', sorryServer: null },
      servers: [
        {
          ...{ name: 'one', id: 'tcp 192.0.2.100:80/192.0.2.11:80', address: '192.0.2.11' as IpAddress },
          ...{ port: 80 as Port, health: 'down', sinceMs: 61_000, reason: 'connection refused' },
          ...{ order: null, ramp: null, weight: null },
          ...{ activeConnections: null, inactiveConnections: null },
        },
      ],
    },
  ],
};
const status: StatusAnswer = {
  ...{ type: 'status', version: '9', pid: 4711, role: 'backup', state: 'active', sinceMs: 5000, file: 'f' },
  ...{ digest: 'd', partner: null, troubles: [], addresses: [], linksCount: false, addressProblem: null },
  pair: {
    ...{ term: 1, class: 2, classReason: null, living: 1, held: false, wants: false, kind: 'unknown' },
    ...{ alarm: null, connections: null },
  },
  ...{ balancer: { running: true, table: 'usable', silentMs: 40, restartInMs: null }, lvs: report, lvsProblem: null },
};

test('check: a good file has no errors and status 0', async () => {
  const path = file(good);
  const { status: code, stdout, stderr } = await lvsctl('check', path);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/lvs\.cf: 0 errors, 0 warnings; 1 virtual server with 1 real server, digest [0-9a-f]{16}\n$/);
});

test('check: what a file needs of this machine is an error where it is meant for it, or for --system', async () => {
  showsTable('');
  const needy = good.replace('active = 1', 'active = 1\nsend_program = "/no/check"').replace('lo:1', 'nosuchdev0:1');
  const elsewhere = await lvsctl('check', file(needy.replace('127.0.0.1', '192.0.2.1')));
  expect(elsewhere).toMatchObject({ status: 0, stdout: expect.stringContaining(': 0 errors, 3 warnings;') });
  expect(elsewhere.stdout).toMatch(/lvs\.cf:1:11: warning: this machine has neither of the routers' addresses/);
  const here = await lvsctl('check', file(needy));
  expect(here).toMatchObject({ status: 1, stdout: expect.stringContaining(': 2 errors, 0 warnings;') });
  expect(here.stdout).toMatch(/lvs\.cf:5:16: error: send_program: "\/no\/check" is not there/);
  expect(here.stdout).toMatch(/lvs\.cf:6:13: error: address: the interface "nosuchdev0" is not there/);
  const system = await lvsctl('check', '--system', file(needy.replace('127.0.0.1', '192.0.2.1')));
  expect(system).toMatchObject({ status: 1, stdout: expect.stringContaining(': 3 errors, 0 warnings;') });
});

test('check: expressions and escapes are judged as the nanny takes them', async () => {
  const broken = good.replace('port = 80', 'port = 80\nuse_regex = 1\nexpect = "^HTTP/1\\.[01] (200"\nsend = "\\q"');
  const { status: code, stdout } = await lvsctl('check', file(broken));
  expect(code).toBe(1);
  expect(stdout).toMatch(/lvs\.cf:8:10: error: expect is not a valid regular expression: missing closing \)/);
  expect(stdout).toMatch(/lvs\.cf:9:9: error: send: unknown escape \\q/);
});

test('check: every mistake has its place, warnings alone do not count as errors', async () => {
  const bad = file(good.replace('port = 80', 'port = web\nprot = udp'));
  const { status: code, stdout } = await lvsctl('check', bad);
  expect(code).toBe(1);
  expect(stdout.split('\n').map((line) => line.slice(bad.length))).toEqual([
    expect.stringMatching(/^:6:10: error: port: /),
    expect.stringMatching(/^:7:1: error: unknown key "prot" \(did you mean "port"\?\)/),
    ': 2 errors, 0 warnings',
    '',
  ]);
  const doubtful = await lvsctl('check', file(`debug_level = 3\n${good}`));
  expect(doubtful).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/:1:1: warning: debug_level.*\n.*1 warning/),
  });
});

test('check --system: what stands in the way on this machine is told, and a file with errors comes first', async () => {
  const doubtful = file(good.replace('active = 1', 'active = 1\nfwmark = 7'));
  const json = JSON.parse((await lvsctl('check', '--system', '--json', doubtful)).stdout) as {
    system: { findings: unknown[]; unchecked: unknown[] };
  };
  expect(json.system.findings.length + json.system.unchecked.length).toBeGreaterThan(0);
  expect((await lvsctl('check', '--system', doubtful)).stdout).toMatch(/^this machine: /m);
  const bad = await lvsctl('check', '--system', file(good.replace('port = 80', 'port = web')));
  expect(bad).toMatchObject({ status: 1, stdout: expect.not.stringContaining('this machine: ') });
});

test('check: what pulse refuses to start with is told', async () => {
  expect(await lvsctl('check', file(`service = fos\n${good}`))).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('lvs.cf:1:11: error: service = fos: failover services are not built yet'),
  });
  expect(await lvsctl('check', file(good.replace('active = 1', 'active = 0')))).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('lvs.cf: error: no active lvs services defined'),
  });
  expect(await lvsctl('check', '/nonexistent/lvs.cf')).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/^\/nonexistent\/lvs\.cf: error: failed to open/),
  });
});

test('check --json: the same for programs', async () => {
  const path = file(good.replace('port = 80', 'port = web'));
  const bad = await lvsctl('check', path, '--json');
  expect(bad.status).toBe(1);
  expect(JSON.parse(bad.stdout)).toEqual({
    file: path,
    digest: null,
    system: null,
    diagnostics: [
      {
        ...{ line: 6, column: 10, severity: 'error', code: expect.any(String), message: expect.any(String) },
        hint: null,
      },
    ],
  });
  const fine = await lvsctl('check', file(good), '--json');
  expect(fine.status).toBe(0);
  expect(JSON.parse(fine.stdout)).toMatchObject({ digest: expect.stringMatching(/^[0-9a-f]{16}$/), diagnostics: [] });
});

test('status: without a pulse the status is 3', async () => {
  expect(await lvsctl('status', '--socket', socket)).toEqual({
    status: 3,
    stdout: '',
    stderr: `lvsctl: pulse does not run (nobody listens on ${socket})\n`,
  });
});

test('status: the answer as text, and with --json as it came', async () => {
  await pulseAnswers({ status });
  const shown = await lvsctl('status', '--socket', socket);
  expect(shown).toMatchObject({ status: 0, stderr: '' });
  expect(shown.stdout).toMatch(/^backup, active for 5s\npulse 9, pid 4711/);
  expect(shown.stdout).toMatch(/one +192\.0\.2\.11:80 +down +1m 1s +- +- +- +connection refused/);
  const json = await lvsctl('status', '--json', '--socket', socket);
  expect(json.stdout).toBe(`${JSON.stringify(status)}\n`);
});

test.each([
  [{ type: 'error', problem: 'no' }, /pulse says: no/],
  [{ type: 'novelty' }, /cannot be read, is it another release/],
])('status: the answer %j is trouble', async (answer, words) => {
  await pulseAnswers({ status: answer });
  expect(await lvsctl('status', '--socket', socket)).toMatchObject({ status: 1, stderr: expect.stringMatching(words) });
});

const standing = '-A -t 192.0.2.100:80 -s wlc\n-a -t 192.0.2.100:80 -r 192.0.2.11:80 -m -w 1';

test('plan: without a pulse every server counts as up, and the output says so', async () => {
  showsTable('');
  const { status: code, stdout } = await lvsctl('plan', file(good), '--socket', socket);
  expect(code).toBe(0);
  expect(stdout.split('\n')).toEqual([
    expect.stringMatching(/^note: pulse does not run .*: every server counts as up/),
    ...['services added', '  web', '    -A -t 192.0.2.100:80 -s wlc'],
    ...['servers added', '  web', '    -a -t 192.0.2.100:80 -r 192.0.2.11:80 -m -w 1'],
    expect.stringMatching(/lvs\.cf: 1 service added, 1 server added$/),
    '',
  ]);
});

test('plan: what runs is asked for, and the health that lvs knows counts', async () => {
  showsTable(standing.split('\n')[0] ?? '');
  await pulseAnswers({ status, configuration: { type: 'configuration', file: 'f', text: good, names: {} } });
  const same = await lvsctl('plan', file(good), '--socket', socket);
  expect(same).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\S+: a reload would change nothing\n$/) });
  const changed = file(good.replace('port = 80', 'port = 80\nscheduler = rr'));
  const json = await lvsctl('plan', changed, '--json', '--socket', socket);
  expect(JSON.parse(json.stdout)).toMatchObject({
    ...{ pulse: true, everyServerCountsAsUp: false, role: 'active' },
    ...{ lines: ['-E -t 192.0.2.100:80 -s rr'], linesWhenChecked: [] },
  });
});

test('plan: a file with errors is answered as by check, a table that cannot be read with the reason', async () => {
  const bad = await lvsctl('plan', file(good.replace('port = 80', 'port = web')), '--socket', socket);
  expect(bad).toMatchObject({ status: 1, stdout: expect.stringMatching(/:6:10: error: .*\n.*1 error/) });
  writeFileSync(ipvsadm, '#!/bin/sh\nexit 9\n');
  const unreadable = await lvsctl('plan', file(good), '--socket', socket);
  expect(unreadable).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(/table cannot be read.*status 9/),
  });
});

test('switch: what pulse says is printed, and with --json as it came', async () => {
  const answer = { type: 'switch', text: 'the partner is asked to take over' };
  await pulseAnswers({ switch: answer });
  const text = await lvsctl('switch', '--socket', socket);
  expect(text).toEqual({ status: 0, stdout: 'the partner is asked to take over\n', stderr: '' });
  const json = await lvsctl('switch', '--json', '--socket', socket);
  expect(json.stdout).toBe(`${JSON.stringify(answer)}\n`);
});

test('switch: --force goes to pulse with the order', async () => {
  const requests = await pulseNotes({ type: 'switch', text: 'done' });
  await lvsctl('switch', '--socket', socket);
  await lvsctl('switch', '--force', '--socket', socket);
  expect(requests).toEqual([
    { type: 'switch', force: false },
    { type: 'switch', force: true },
  ]);
});

test('switch: a refusal is told with status 1, a pulse that does not run with 3', async () => {
  expect((await lvsctl('switch', '--socket', socket)).status).toBe(3);
  await pulseAnswers({ switch: { type: 'error', problem: 'the partner is silent' } });
  expect(await lvsctl('switch', '--socket', socket)).toEqual({
    ...{ status: 1, stdout: '' },
    stderr: 'lvsctl: pulse says: the partner is silent\n',
  });
});

test.each([[], ['bogus'], ['check', '--bogus'], ['check', 'a', 'b'], ['switch', 'backup']])(
  '%j is refused with status 1',
  async (...args) => {
    expect((await lvsctl(...args)).status).toBe(1);
  },
);

test.each([['--version'], ['--help'], ['status', '-?']])('%j is answered with status 0', async (...args) => {
  const { status: code, stdout } = await lvsctl(...args);
  expect(code).toBe(0);
  expect(stdout).toMatch(/lvsctl/);
});
