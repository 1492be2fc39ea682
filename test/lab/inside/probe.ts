// The lab's client: a new TCP connection and HTTP request every 20 ms, each reported as one line of JSON.
import { writeSync } from 'node:fs';
import type { IpAddress } from '@piranha/domain';
import { parseIpAddress } from '@piranha/domain';
import { beginConnection, close, poll, POLLIN, POLLOUT, receive, send } from './tcp-calls.ts';

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

/** A request that has no outcome yet. */
type Open = Pick<Request, 'number' | 'sentAt'> & { readonly fd: number; events: number; text: string };

const every = 20;
const limit = 2000;
const question = Buffer.from('GET / HTTP/1.0\r\n\r\n');
const now = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

function report(request: Request): void {
  try {
    writeSync(1, `${JSON.stringify(request)}\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
    process.exit(0); // nobody listens any more
  }
}

function finish({ number, sentAt, fd }: Open, outcome: Request['outcome']): void {
  close(fd);
  report({ number, sentAt, doneAt: now(), outcome });
}

const trouble = (problem: string): Request['outcome'] => ({
  type: problem === 'ECONNREFUSED' ? 'refused' : 'broken',
  problem,
});

/** Begins a request, which may fail at once. */
function begin(address: IpAddress, number: number): readonly Open[] {
  const sentAt = now();
  const fd = beginConnection(address, 80);
  if (typeof fd === 'number') return [{ number, sentAt, fd, events: POLLOUT, text: '' }];
  report({ number, sentAt, doneAt: now(), outcome: trouble(fd) });
  return [];
}

/** Asks once the connection stands, and takes what there is of an answer. Tells what became of the request, once it is known. */
function advance(request: Open): Request['outcome'] | undefined {
  if (request.events === POLLOUT) {
    const problem = send(request.fd, question);
    request.events = POLLIN;
    return problem === undefined ? undefined : trouble(problem);
  }
  for (;;) {
    const received = receive(request.fd);
    if (received === 'nothing') return undefined;
    if (received === 'end') return outcomeOf(request.text);
    if ('problem' in received) return trouble(received.problem);
    request.text += received.text;
  }
}

const late = ({ sentAt }: Open): Request['outcome'] | undefined =>
  now() - sentAt < limit ? undefined : { type: 'timed-out', problem: `no answer in ${limit} ms` };

function outcomeOf(text: string): Request['outcome'] {
  const server = /^HTTP\/1\.\d 200[^]*\r\n\r\n(\S+)\n$/.exec(text)?.[1];
  return server === undefined
    ? { type: 'broken', problem: `unexpected answer: ${text.slice(0, 80)}` }
    : { type: 'answered', server };
}

/** A new request every 20 ms; beats that passed while the processor was elsewhere are left out. */
function ask(address: IpAddress): never {
  let open: readonly Open[] = [];
  let next = now();
  for (let sent = 0; ;) {
    if (now() >= next) {
      sent += 1;
      open = [...open, ...begin(address, sent)];
      next = Math.max(next + every, now());
    }
    const ready = poll(open, Math.max(Math.ceil(next - now()), 0));
    open = open.filter((request, index) => {
      const outcome = (ready[index] === true ? advance(request) : undefined) ?? late(request);
      if (outcome !== undefined) finish(request, outcome);
      return outcome === undefined;
    });
  }
}

const address = parseIpAddress(process.argv[2] ?? '');
if (address === undefined) throw new Error('usage: probe ADDRESS');
ask(address);
