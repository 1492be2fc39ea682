// A Unix socket on which an administrator's tools ask a daemon: one line in and one line out, root only, bounded.
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { dirname } from 'node:path';
import type { Millis, Outcome } from '@piranha/domain';
import { failure, seconds, success } from '@piranha/domain';
import { longestLine, noLine, splitLines } from '@piranha/protocol';
import type { KeptFile } from './kept-files.ts';
import { fileAt } from './kept-files.ts';
import { folderProblem, refuseStrangersFolder } from './state-file.ts';

/** Where pulse listens. */
export const controlSocketPath = '/run/piranha/pulse.sock';

/** Where an lvs that pulse has started listens for another pulse. */
export const lvsSocketPath = '/run/piranha/lvs.sock';

/** What to listen on, and who answers. */
export type ControlSocketOptions = {
  readonly path: string;
  /** Gets a request without its line end; gives the answer with it. */
  readonly answer: (line: string) => Promise<string>;
  /** Called for a failure of a socket that is open already. */
  readonly onError: (problem: string) => void;
  /** How long a client may take for its request, and for reading the answer. */
  readonly patience?: Millis;
};

/** An open socket. */
export type ControlSocket = {
  readonly kept: KeptFile;
  /** Cuts off who is connected, and removes the socket. */
  readonly close: () => Promise<void>;
};

const longestRequest = 64 * 1024;
/** A whole configuration fits. */
const longestAnswer = longestLine;
const mostConnections = 16;
const usualPatience = seconds(5);

/**
 * Listens. The socket of a daemon that is dead is replaced, that of a living one is not. The folder lets only its owner
 * in, so there is no moment in which anybody else could connect.
 */
export async function openControlSocket(options: ControlSocketOptions): Promise<Outcome<ControlSocket, string>> {
  const { path, onError } = options;
  const clients = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    clients.add(socket);
    socket.once('close', () => clients.delete(socket));
    serve(socket, options);
  });
  server.maxConnections = mostConnections;
  try {
    await listenPrivately(server, path);
  } catch (error) {
    server.close();
    return failure(error instanceof Error ? error.message : String(error));
  }
  server.on('error', (error) => {
    onError(error.message);
  });
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
      for (const socket of clients) socket.destroy();
    });
  return success({ kept: keptSocket(server, path), close });
}

/** Listens where only root may connect. Throws where that is not possible. */
export async function listenPrivately(server: Server, path: string): Promise<void> {
  prepareFolder(dirname(path));
  await listen(server, path);
  chmodSync(path, 0o600);
}

/** A socket that listens already; one that was deleted is opened anew. Who is connected stays connected. */
export function keptSocket(server: Server, path: string): KeptFile {
  let own = fileAt(path);
  return {
    path,
    stands: () => own !== undefined && fileAt(path) === own,
    restore: async () => {
      // Closing takes away what stands at the path: not another daemon's socket.
      if (fileAt(path) !== undefined && (await answers(path))) throw new Error(`${path}: another daemon listens there`);
      server.close();
      await listenPrivately(server, path);
      own = fileAt(path);
    },
  };
}

function prepareFolder(folder: string): void {
  // What is there and is no folder, or one that others may write, is refused by name.
  refuseStrangersFolder(folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
}

/** Binds; what is left of a dead daemon is taken away first. */
async function listen(server: Server, path: string): Promise<void> {
  try {
    await bind(server, path);
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error;
    if (await answers(path)) throw new Error(`${path}: another daemon listens there`, { cause: error });
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isSocket() === false) throw new Error(`${path} is not a socket: remove it`, { cause: error });
    rmSync(path, { force: true });
    await bind(server, path);
  }
}

const bind = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });

/** Whether anybody accepts connections there. */
const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => {
      resolve(codeOf(error) !== 'ECONNREFUSED');
    });
  });

const codeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

/** One client, from its first byte to its end. */
function serve(socket: Socket, { answer, patience = usualPatience }: ControlSocketOptions): void {
  let request = noLine;
  const cutOff = (): void => {
    socket.destroy();
  };
  let deadline = setTimeout(cutOff, patience);

  const respond = async (line: string): Promise<void> => {
    socket.off('data', onData);
    socket.pause();
    clearTimeout(deadline);
    const text = await answer(line);
    deadline = setTimeout(cutOff, patience);
    if (socket.destroyed) clearTimeout(deadline);
    else socket.end(text, cutOff);
  };

  const onData = (chunk: string): void => {
    const { lines, dropped, rest } = splitLines(request, chunk, longestRequest);
    request = rest;
    const [line] = lines;
    if (rest.overlong || dropped > 0) cutOff();
    else if (line !== undefined) void respond(line);
  };

  socket.setEncoding('utf8');
  socket.on('data', onData);
  // Who hangs up before it has asked wants nothing.
  socket.once('end', () => {
    if (socket.listenerCount('data') > 0) cutOff();
  });
  socket.on('error', cutOff);
  socket.once('close', () => {
    clearTimeout(deadline);
  });
}

/** Why there was no answer. */
export type NoAnswer = {
  /** `absent`: nobody listens. `forbidden`: we may not ask. `broken`: asked, and not answered. */
  readonly type: 'absent' | 'forbidden' | 'broken';
  readonly problem: string;
};

/** Asks a daemon: sends one line, gives the line that comes back. */
export function askControlSocket(
  path: string,
  request: string,
  limit: Millis = seconds(10),
): Promise<Outcome<string, NoAnswer>> {
  const stranger = folderProblem(dirname(path));
  // Whoever may write there may be who listens.
  if (stranger !== undefined) return Promise.resolve(failure({ type: 'broken', problem: stranger }));
  return new Promise((resolve) => {
    const socket = connect(path);
    // Joined once: an answer may have megabytes.
    const parts: string[] = [];
    let length = 0;
    const finish = (outcome: Outcome<string, NoAnswer>): void => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(outcome);
    };
    const broken = (problem: string): void => {
      finish(failure({ type: 'broken', problem: `${path}: ${problem}` }));
    };
    const deadline = setTimeout(() => {
      broken(`no answer within ${limit} ms`);
    }, limit);
    socket.setEncoding('utf8');
    socket.once('connect', () => socket.write(request));
    socket.on('data', (chunk: string) => {
      const end = chunk.indexOf('\n');
      parts.push(end < 0 ? chunk : chunk.slice(0, end));
      length += chunk.length;
      if (length > longestAnswer) broken('the answer is too long');
      else if (end >= 0) finish(success(parts.join('')));
    });
    socket.once('end', () => {
      broken('the connection ended without an answer');
    });
    socket.once('error', (error) => {
      finish(failure({ type: typeOf(codeOf(error)), problem: error.message }));
    });
  });
}

function typeOf(code: string | undefined): NoAnswer['type'] {
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return 'absent';
  return code === 'EACCES' || code === 'EPERM' ? 'forbidden' : 'broken';
}
