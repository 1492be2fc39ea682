// A client that holds connections open without a word on them: each `GET /NAME` on its own port asks once on the
// connections of that name, which are made when the name first comes and never again, and tells what came back.
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { connect } from 'node:net';

/** Of each address: the server that answered, or why there was no answer. */
export type HeldAnswers = Readonly<Record<string, string>>;

const limit = 8000;
const addresses = process.argv.slice(3);
const held = new Map<string, readonly Socket[]>();

function open(): readonly Socket[] {
  return addresses.map((host) => {
    const socket = connect({ host, port: 80 });
    socket.setEncoding('latin1');
    socket.on('error', () => undefined);
    return socket;
  });
}

const ask = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    const finish = (what: string): void => {
      clearTimeout(timer);
      socket.removeAllListeners('data');
      resolve(what);
    };
    const timer = setTimeout(() => {
      finish(`no answer in ${limit} ms`);
    }, limit);
    socket.on('data', (chunk: string) => {
      text += chunk;
      const answer = /^HTTP\/1\.1 200[^]*\r\n\r\n(\S+)\n$/.exec(text)?.[1];
      if (answer !== undefined) finish(answer);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      finish(error.code ?? error.message);
    });
    socket.once('close', () => {
      finish('closed');
    });
    if (socket.destroyed) finish('closed before');
    else socket.write('GET / HTTP/1.1\r\nHost: held\r\n\r\n');
  });

createServer((request, response) => {
  const name = request.url ?? '';
  const sockets = held.get(name) ?? open();
  held.set(name, sockets);
  void Promise.all(sockets.map(ask)).then((answers) => {
    const byAddress: HeldAnswers = Object.fromEntries(answers.map((answer, index) => [addresses[index] ?? '', answer]));
    response.end(JSON.stringify(byAddress));
  });
}).listen(Number(process.argv[2]), '127.0.0.1', () => {
  process.stdout.write('ready\n');
});
