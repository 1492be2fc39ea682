import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import { systemClock } from '@piranha/runtime';
import { askControlSocket } from '@piranha/runtime/sockets';
import { recordingLogger } from '@piranha/testing';
import type { Refusal } from './suitability.ts';
import { waitForAddress } from './wait-for-address.ts';

const missing = '192.0.2.11';
const waits = 'pulse waits for 192.0.2.11: this machine has not got that address yet';
const notYet = failure<Refusal>({ text: missing, code: 1, waitsFor: missing });

let folder: string;
let socket: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'piranha-waiting-'));
  socket = join(folder, 'run/pulse.sock');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Waits while `look` says that the address is not there. */
function waiting(look: (rereads: number, times: number) => Outcome<string, Refusal>, problems: readonly string[] = []) {
  const { log, lines } = recordingLogger();
  let times = 0;
  let rereads = 0;
  const ended = waitForAddress<string>(
    {
      ...{ clock: systemClock, log, file: '/etc/lvs.cf', socket },
      look: () => {
        times += 1;
        return Promise.resolve(look(rereads, times));
      },
      reread: () => {
        rereads += 1;
        return Promise.resolve(problems);
      },
    },
    missing,
  );
  return { ended, lines, looked: () => times };
}

test('it says once what is missing, and begins when it is there', async () => {
  const { ended, lines } = waiting((_, times) => (times < 3 ? notYet : success('begin')));
  expect(await ended).toEqual(success('begin'));
  expect(lines.map(({ text }) => text)).toEqual([`${waits}; if lvs.cf is not meant for this machine, stop pulse`]);
  expect(existsSync(socket)).toBe(false);
});

test('a refusal for another reason ends it', async () => {
  const refusal = failure<Refusal>({ text: 'not wanted', code: 255 });
  expect(await waiting(() => refusal).ended).toEqual(refusal);
});

test('a signal ends it at once, another has the file read again', async () => {
  const { ended, looked } = waiting((rereads) => {
    if (rereads > 0) process.emit('SIGTERM');
    return notYet;
  });
  while (looked() === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  process.emit('SIGHUP');
  expect(await ended).toBe('stopped');
});

test('lvsctl reload has the file read again, and says what is wrong with it; the wait goes on', async () => {
  const { ended, lines } = waiting((rereads) => (rereads > 1 ? success('begin') : notYet), ['lvs.cf:1:1: error: no']);
  while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 10));
  const answer = await askControlSocket(socket, '{"type":"reload"}\n');
  expect(JSON.parse(answer.ok ? answer.value : '{}')).toEqual({ type: 'reload', problems: ['lvs.cf:1:1: error: no'] });
  expect(lines.map(({ text }) => text)).toContain('lvs.cf:1:1: error: no');
  await askControlSocket(socket, '{"type":"reload"}\n');
  expect(await ended).toEqual(success('begin'));
});

test('meanwhile it answers how long it has waited, and for what; orders are refused', async () => {
  let begin = false;
  const { ended } = waiting(() => (begin ? success('begin') : notYet));
  while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 10));
  const status = await askControlSocket(socket, '{"type":"status"}\n');
  expect(JSON.parse(status.ok ? status.value : '{}')).toMatchObject({
    ...{ type: 'waiting', pid: process.pid, file: '/etc/lvs.cf', problem: missing },
  });
  const order = await askControlSocket(socket, '{"type":"switch","force":false}\n');
  expect(JSON.parse(order.ok ? order.value : '{}')).toEqual({ type: 'error', problem: waits });
  begin = true;
  await ended;
});
