// The lab's client: a new TCP connection and HTTP request every 20 ms, each reported as one line of JSON.
import { connect } from 'node:net';

/** What became of one request; times in ms on the kernel's monotonic clock. */
export type Request = {
  /** 1 for the first. */
  readonly number: number;
  readonly sentAt: number;
  readonly doneAt: number;
  /** The server that answered, or why none did. */
  readonly outcome:
    | { readonly type: 'answered'; readonly server: string }
    | { readonly type: 'refused' | 'timed-out' | 'broken'; readonly problem: string };
};

const every = 20;
const limit = 2000;
const now = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

function request(address: string, number: number, report: (request: Request) => void): void {
  const sentAt = now();
  let text = '';
  const socket = connect({ host: address, port: 80 });
  const finish = (outcome: Request['outcome']): void => {
    clearTimeout(deadline);
    socket.destroy();
    report({ number, sentAt, doneAt: now(), outcome });
  };
  const deadline = setTimeout(() => {
    finish({ type: 'timed-out', problem: `no answer in ${limit} ms` });
  }, limit);
  socket.setEncoding('latin1');
  socket.once('connect', () => socket.write('GET / HTTP/1.0\r\n\r\n'));
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.once('end', () => {
    const answer = /^HTTP\/1\.\d 200[^]*\r\n\r\n(\S+)\n$/.exec(text);
    if (answer?.[1] === undefined) finish({ type: 'broken', problem: `unexpected answer: ${text.slice(0, 80)}` });
    else finish({ type: 'answered', server: answer[1] });
  });
  socket.once('error', (error: NodeJS.ErrnoException) => {
    finish({ type: error.code === 'ECONNREFUSED' ? 'refused' : 'broken', problem: error.code ?? error.message });
  });
}

const address = process.argv[2] ?? '';
let next = now();
let sent = 0;
const tick = (): void => {
  sent += 1;
  request(address, sent, (done) => process.stdout.write(`${JSON.stringify(done)}\n`));
  next += every;
  setTimeout(tick, Math.max(next - now(), 0));
};
process.stdout.on('error', () => process.exit(0));
tick();
