// A real server's FTP and UDP services, as small as they can be: both tell who answers.
import { createSocket } from 'node:dgram';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer, isIPv6 } from 'node:net';
import { hostname } from 'node:os';

const greeting = `${hostname()}\n`;

/** How the data of one transfer go: to whoever connects, or to where the client listens. */
type Channel = (content: string, done: () => void) => void;

/** Our end of a connection; IPv4 comes to a socket for both versions in IPv6's clothes. */
const ownAddress = ({ localAddress = '' }: Socket): string => localAddress.replace('::ffff:', '');

/** Waits for the client on a new port. */
function passive(control: Socket, tell: (port: number) => void): Channel {
  let waiting: ((data: Socket) => void) | undefined;
  let early: Socket | undefined;
  const server = createServer((data) => {
    server.close();
    data.on('error', () => undefined);
    if (waiting === undefined) early = data;
    else waiting(data);
  });
  control.once('close', () => server.close());
  server.listen(0, ownAddress(control), () => {
    tell((server.address() as AddressInfo).port);
  });
  return (content, done) => {
    waiting = (data) => data.end(content, done);
    if (early !== undefined) waiting(early);
  };
}

/** Connects to where the client listens, from port 20 as FTP has it. */
const active =
  (control: Socket, [a = 0, b = 0, c = 0, d = 0, high = 0, low = 0]: readonly number[]): Channel =>
  (content, done) => {
    const from = { localAddress: ownAddress(control), localPort: 20 };
    const data = connect({ host: `${a}.${b}.${c}.${d}`, port: high * 256 + low, ...from });
    data.on('error', (error) => control.write(`425 ${error.message}\r\n`));
    data.once('connect', () => data.end(content, done));
  };

const answers: Readonly<Record<string, string>> = {
  USER: '331 any password',
  PASS: '230 welcome',
  PWD: '257 "/"',
  TYPE: '200 as you like',
  QUIT: '221 bye',
};

/** One client's conversation. */
function serveFtp(control: Socket): void {
  let channel: Channel | undefined;
  const say = (line: string): void => void control.write(`${line}\r\n`);
  const obey = (line: string): void => {
    const [word = '', argument = ''] = line.split(' ');
    switch (word) {
      case 'PASV':
        channel = passive(control, (port) => {
          const place = [...ownAddress(control).split('.'), port >> 8, port & 255];
          say(`227 Entering Passive Mode (${place.join(',')})`);
        });
        return;
      case 'EPSV':
        channel = passive(control, (port) => {
          say(`229 Entering Extended Passive Mode (|||${port}|)`);
        });
        return;
      case 'PORT':
        channel = active(control, argument.split(',').map(Number));
        say('200 there');
        return;
      case 'RETR':
        say('150 here it comes');
        channel?.(greeting, () => {
          say('226 that was it');
        });
        return;
      default:
        say(answers[word] ?? '502 not here');
    }
  };
  eachLine(control, obey);
  say('220 ready');
}

function eachLine(control: Socket, onLine: (line: string) => void): void {
  let rest = '';
  control.setEncoding('latin1');
  control.on('error', () => undefined);
  control.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\r\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
}

/** Answers from the address that was asked: a socket for all addresses would answer from another one. */
function answerDatagrams(address: string): void {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  socket.on('message', (_question, from) => {
    socket.send(greeting, from.port, from.address);
  });
  socket.bind(53, address);
}

process.argv.slice(2).forEach(answerDatagrams);
createServer(serveFtp).listen(21, '::', () => process.stdout.write('ready\n'));
