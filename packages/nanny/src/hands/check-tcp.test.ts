import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { expect, test } from '@jest/globals';
import type { IpAddress, Port } from '@piranha/domain';
import { milliseconds } from '@piranha/domain';
import type { CheckParts } from '@piranha/protocol';
import { checkOnce, checkWith } from '../testing/fake-check.ts';

const local = '127.0.0.1' as IpAddress;

/** Long enough for a slow machine; a test that waits for it to pass says a shorter one. */
const ample = 20_000;

/** What a server does with a connection. */
type Behaviour = (socket: Socket) => void;

/** Runs `work` against a server that behaves badly, and waits until every connection to it is closed. */
async function serving<T>(behaviour: Behaviour, work: (port: Port) => Promise<T>): Promise<T> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    behaviour(socket);
    // Who reads nothing does not notice the end.
    if (socket.listenerCount('readable') === 0) socket.resume();
  });
  server.listen(0, local);
  await once(server, 'listening');
  const result = await work((server.address() as AddressInfo).port as Port);
  const closed = once(server, 'close');
  server.close();
  await closed;
  return result;
}

/** Checks once; the reason of a failure, or `good`. The port in a reason is hidden: it is another one each time. */
async function check(port: Port, changes: Partial<CheckParts> = {}, signal?: AbortSignal): Promise<string> {
  const wanted = checkWith({ address: local, port, timeout: milliseconds(ample), ...changes });
  return (await checkOnce(wanted, signal)).replaceAll(String(port), 'PORT');
}

const checkOf = (behaviour: Behaviour, changes?: Partial<CheckParts>): Promise<string> =>
  serving(behaviour, (port) => check(port, changes));

/** A port on which nobody listens. */
const closedPort = (): Promise<Port> =>
  serving(
    () => undefined,
    (port) => Promise.resolve(port),
  );

const brief = { timeout: milliseconds(150) };
const web = { send: 'GET / HTTP/1.0\\r\\n\\r\\n', expect: 'HTTP' };
const answer = 'HTTP/1.1 200 OK\r\n\r\nhello';

const silent: Behaviour = () => undefined;
const answering =
  (text: string): Behaviour =>
  (socket) => {
    socket.end(text);
  };

/** Writes each piece when the one before it has left. */
const inPieces =
  (pieces: readonly string[]): Behaviour =>
  (socket) => {
    socket.setNoDelay(true);
    const write = (index: number): void => {
      const piece = pieces[index];
      if (piece !== undefined && !socket.destroyed) socket.write(piece, () => setImmediate(write, index + 1));
    };
    write(0);
  };

test('a server that accepts is good where nothing is asked', async () => {
  expect(await checkOf(silent)).toBe('good');
  expect(await checkOf(answering(answer))).toBe('good');
  expect(await checkOf(silent, { expect: '' })).toBe('good');
});

test('a closed port is a refused connection', async () => {
  expect(await check(await closedPort())).toBe('connection refused');
});

test('a machine that does not accept is a CONNECT that timed out', async () => {
  // Once its queue of one is full, the kernel lets further connections wait; the thread is too busy to accept any.
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
     });`,
    { eval: true },
  );
  const [port] = (await once(worker, 'message')) as [Port];
  const queued = Array.from({ length: 4 }, () => connect(port, local).on('error', () => undefined));
  await Promise.race(queued.map((socket) => once(socket, 'connect')));
  expect(await check(port, brief)).toBe('CONNECT to 127.0.0.1:PORT timed out');
  for (const socket of queued) socket.destroy();
  await worker.terminate();
});

test('what is to be sent arrives whole and decoded, and that is all', async () => {
  const received: Promise<string>[] = [];
  const listening: Behaviour = (socket) => {
    received.push(
      socket
        .setEncoding('utf8')
        .toArray()
        .then((pieces) => pieces.join('')),
    );
  };
  expect(await checkOf(listening, { send: 'EHLO "x"\\r\\n\\d' })).toBe('good');
  expect(await Promise.all(received)).toEqual(['EHLO "x"\r\n\\d']);
});

test('the right answer is good', async () => {
  expect(await checkOf(answering(answer), web)).toBe('good');
  expect(await checkOf(answering(answer), { ...web, expect: '200 OK.*hello$', useRegex: true })).toBe('good');
  expect(await checkOf(answering(answer), { ...web, expect: '*' })).toBe('good');
  expect(await checkOf(answering(answer), { ...web, expect: '*', useRegex: true })).toBe('good');
});

test.each(Array.from(answer, (_character, index) => index).slice(1))(
  'the right answer is good when it is split after byte %i',
  async (position) => {
    const split = inPieces([answer.slice(0, position), answer.slice(position)]);
    expect(await checkOf(split, { expect: answer.replaceAll('\r\n', '\\r\\n') })).toBe('good');
    expect(await checkOf(split, { expect: '^HTTP.*hello$', useRegex: true })).toBe('good');
  },
);

test('the right answer is good when it drips byte by byte', async () => {
  expect(await checkOf(inPieces(Array.from(answer)), { expect: '^HTTP.*hello', useRegex: true })).toBe('good');
  const long = `${'x'.repeat(6000)}ready`;
  expect(await checkOf(inPieces(Array.from(long)), { expect: 'ready', useRegex: true })).toBe('good');
});

test('a wrong answer is shown', async () => {
  expect(await checkOf(answering('SSH-2.0\r\n'), web)).toBe('unexpected answer "SSH-2.0\\r\\n"');
  expect(await checkOf(inPieces(['HT', 'XX']), web)).toBe('unexpected answer "HTXX"');
  const error = 'HTTP/1.1 503 Service Unavailable';
  const regex = { expect: '^HTTP/1.1 200', useRegex: true };
  expect(await checkOf(answering(error), regex)).toBe(`unexpected answer "${error}"`);
});

test('an answer that stops too early is too short', async () => {
  expect(await checkOf(answering('HTT'), web)).toBe('READ from 127.0.0.1:PORT was too short: "HTT"');
});

test.each(['HTTP', '*', '.*'])(
  'a server that closes without an answer is bad, even where %j is expected',
  async (wanted) => {
    const regex = { useRegex: wanted === '.*', expect: wanted };
    expect(await checkOf((socket) => socket.end(), regex)).toBe('closed without an answer');
  },
);

test('a server that resets the connection is bad', async () => {
  const resetting: Behaviour = (socket) => socket.resetAndDestroy();
  expect(await checkOf(resetting, { expect: 'HTTP' })).toBe('connection reset by peer');
});

test('a server that says nothing is a READ that timed out', async () => {
  expect(await checkOf(silent, { ...web, ...brief })).toBe('READ to 127.0.0.1:PORT timed out');
  expect(await checkOf(inPieces(['HT']), { ...web, ...brief })).toBe('READ to 127.0.0.1:PORT timed out after "HT"');
});

test('an endless answer is looked at up to a bound', async () => {
  const endless: Behaviour = (socket) => {
    const write = (): void => {
      while (!socket.destroyed && socket.write('x'.repeat(10_000)));
    };
    socket.on('drain', write);
    write();
  };
  expect(await checkOf(endless, { expect: 'y', useRegex: true })).toMatch(/^unexpected answer "x{60}…"$/);
  expect(await checkOf(endless, { expect: 'xxx' })).toBe('good');
});

test('an invalid regular expression is a failure that names itself, without a connection', async () => {
  let connections = 0;
  const counting: Behaviour = () => connections++;
  expect(await checkOf(counting, { expect: '(', useRegex: true })).toMatch(/^expect is not a valid regular expression/);
  expect(connections).toBe(0);
});

test('a server is not blamed when the nanny itself was asleep', async () => {
  const sleepy = inPieces(['HTTP']);
  const result = await serving(sleepy, async (port) => {
    const checked = check(port, { ...web, timeout: milliseconds(400) });
    await new Promise(setImmediate);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 900);
    return checked;
  });
  expect(result).toBe('good');
});

test('a check that is called off ends at once and closes its connection', async () => {
  const controller = new AbortController();
  const calledOff = await serving(
    (socket) => {
      socket.once('data', () => {
        controller.abort();
      });
    },
    (port) => check(port, web, controller.signal),
  );
  expect(calledOff).toBe('the check was called off');
  expect(await check(await closedPort(), web, AbortSignal.abort())).toBe('the check was called off');
});

test('an answer that came before the connection failed counts', async () => {
  const thenResetting: Behaviour = (socket) => {
    socket.once('data', () => socket.write(`${'x'.repeat(9000)}ready`, () => socket.resetAndDestroy()));
  };
  expect(await checkOf(thenResetting, { send: 'x', expect: 'ready', useRegex: true })).toBe('good');
  expect(await checkOf(thenResetting, { send: 'x', expect: 'xxx$', useRegex: true })).not.toBe('good');
});

test('the end of an answer is known when the server closes, or has nothing more to say for a while', async () => {
  const whole = { expect: '^OK$', useRegex: true };
  expect(await checkOf(answering('OK'), whole)).toBe('good');
  expect(await checkOf((socket) => socket.write('OK'), whole)).toBe('good');
  const goingOn: Behaviour = (socket) => {
    socket.write('OK');
    setTimeout(() => socket.end(', but'), 300);
  };
  expect(await checkOf(goingOn, whole)).toBe('unexpected answer "OK, but"');
});
