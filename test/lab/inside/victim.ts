// A real server that dies and comes back when told to: at a chosen moment after a check that it has itself seen.
// One order a line: `refuse MS` and `silence MS` (so long after the next connection), `answer MS` (so long from now).
// When it is done it says so with the moment, in milliseconds of the clock that all processes of a kernel share.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

const port = Number(process.argv[2]);

const now = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;
const say = (word: string): void => void process.stdout.write(`${word} ${now()}\n`);

/** What is due at the next connection. */
let whenSeen: () => void = () => undefined;

const server = createServer((socket) => {
  const due = whenSeen;
  whenSeen = () => undefined;
  due();
  socket.on('error', () => undefined);
  socket.resume();
});

const listen = (): void => {
  server.listen({ port, host: '0.0.0.0', backlog: 1024 }, () => {
    say('answers');
  });
};

/** Starts nft ahead: then the change itself takes a few milliseconds. Gives what hands it its orders. */
function prepareNft(): (orders: string) => Promise<void> {
  const nft = spawn('nft', ['-f', '-'], { stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = once(nft, 'close');
  return async (orders) => {
    nft.stdin.end(orders);
    const [status] = (await ended) as [number | null];
    if (status !== 0) throw new Error(`nft ended with ${status}`);
  };
}

const chain = 'add table inet victim\nadd chain inet victim input { type filter hook input priority 0; }\n';

function obey(order: string): void {
  const [word, after] = [order.split(' ')[0], Number(order.split(' ')[1])];
  switch (word) {
    case 'refuse':
      atNextCheck(after, () => {
        server.close();
        say('refuses');
      });
      return;
    case 'silence': {
      const change = prepareNft();
      atNextCheck(after, () => {
        void change(`${chain}add rule inet victim input tcp dport ${port} drop\n`).then(() => {
          say('silent');
        });
      });
      return;
    }
    case 'answer':
      answer(after);
      return;
    default:
      throw new Error(`an unknown order: ${order}`);
  }
}

function atNextCheck(after: number, act: () => void): void {
  whenSeen = () => {
    if (after === 0) act();
    else setTimeout(act, after);
  };
}

function answer(after: number): void {
  if (!server.listening) {
    setTimeout(listen, after);
    return;
  }
  const change = prepareNft();
  setTimeout(() => {
    void change('delete table inet victim\n').then(() => {
      say('answers');
    });
  }, after);
}

createInterface(process.stdin).on('line', obey);
process.stdin.on('end', () => process.exit(0));
listen();
