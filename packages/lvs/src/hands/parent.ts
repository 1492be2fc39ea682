// Who is above this lvs: the pulse that started it, on standard input and output; after its end another, on a socket.
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { encodeLine, isAdoptRequest } from '@piranha/protocol';
import type { KeptFile } from '@piranha/runtime/sockets';
import { listenToParent, readLines } from '@piranha/runtime';
import { keptSocket, listenPrivately } from '@piranha/runtime/sockets';

/** Who is told what comes from above. Things come in order: what one pulse said, its end, the next one. */
export type Above = {
  readonly onLine: (line: string) => void;
  readonly onGone: () => void;
  /** Another pulse is there; `greet` gives it its first line, when this lvs has taken note of it. */
  readonly onHeir: (greet: (line: string) => void) => void;
  readonly onSocket: (kept: KeptFile) => void;
  /** The socket cannot be had: a pulse that is started again will not find this lvs. */
  readonly onNoSocket: (problem: string) => void;
};

/** The way up. */
export type Parent = {
  /** Writes one line to whoever is above; to nobody where nobody is. */
  readonly tell: (line: string) => void;
  readonly close: () => void;
};

/** Whoever connects has so long to say what it wants (ms). */
const patience = 2000;
/** The end of a pulse that was killed may still be on its way when the next one connects (ms). */
const farewell = 500;
const mostConnections = 8;
const refusal = { type: 'refused', problem: 'another pulse is running: it has started this lvs' } as const;

/** Our own ends of the pipes to the pulse that has started us. */
type Pipes = { readonly input: Readable; readonly output: Writable; readonly errors: Writable };

const ownPipes = (): Pipes => ({ input: process.stdin, output: process.stdout, errors: process.stderr });

/** Listens to the parent, and at `path` for its heir. */
export function openParent(path: string, above: Above, pipes = ownPipes()): Parent {
  const place = oneAbove(above, pipes.output);
  const server = createServer((socket) => {
    serve(socket, {
      onHeir: () => {
        place.claim(socket);
      },
      onLine: (line) => {
        if (place.present() === socket) above.onLine(line);
      },
      onEnd: () => {
        place.leave(socket);
      },
    });
  });
  server.maxConnections = mostConnections;
  // A connection that could not be accepted (too many open files): whoever wanted it tries again.
  server.on('error', () => undefined);
  // The socket of a dead lvs is replaced, that of a living one is not.
  listenPrivately(server, path).then(
    () => {
      above.onSocket(keptSocket(server, path));
    },
    (error: unknown) => {
      above.onNoSocket(error instanceof Error ? error.message : String(error));
    },
  );
  // A pipe that breaks means that pulse is gone; standard input tells so too.
  for (const pipe of [pipes.output, pipes.errors]) pipe.on('error', () => undefined);
  const onGone = (): void => {
    place.leave('starter');
  };
  listenToParent(above.onLine, onGone, pipes.input);
  return {
    tell: place.tell,
    close: () => {
      server.close();
    },
  };
}

type Pulse = 'starter' | Socket;

/** There is one pulse above us at a time, or none. */
function oneAbove(above: Above, toStarter: Writable) {
  let present: Pulse | undefined = 'starter';
  /** What the heir is told before its first line comes after that; undefined while nobody waits for it. */
  let kept: string[] | undefined;
  const waiting = new Set<() => void>();

  const leave = (which: Pulse): void => {
    if (present !== which) return;
    present = undefined;
    kept = undefined;
    above.onGone();
    for (const look of [...waiting]) look();
  };

  const takeOver = (socket: Socket): void => {
    present = socket;
    kept = [];
    above.onHeir((line) => {
      if (present !== socket) return;
      for (const each of [line, ...(kept ?? [])]) socket.write(each);
      kept = undefined;
    });
  };

  /** Takes the place, or is refused when it does not become free in time. */
  const claim = (socket: Socket): void => {
    const settle = (): void => {
      clearTimeout(late);
      waiting.delete(look);
    };
    const look = (): void => {
      if (present !== undefined) return;
      settle();
      if (!socket.destroyed) takeOver(socket);
    };
    const late = setTimeout(() => {
      settle();
      socket.end(encodeLine(refusal));
    }, farewell);
    waiting.add(look);
    look();
  };

  const tell = (line: string): void => {
    if (kept !== undefined) kept.push(line);
    else if (present === 'starter') toStarter.write(line);
    else present?.write(line);
  };
  return { present: () => present, tell, leave, claim };
}

/** What comes of a connection. */
type Visitor = { readonly onHeir: () => void; readonly onLine: (line: string) => void; readonly onEnd: () => void };

/** One connection: the first line says what it wants. */
function serve(socket: Socket, { onHeir, onLine, onEnd }: Visitor): void {
  let known = false;
  const deadline = setTimeout(() => socket.destroy(), patience);
  readLines(socket, (line) => {
    if (known) {
      onLine(line);
      return;
    }
    known = isAdoptRequest(line);
    clearTimeout(deadline);
    if (known) onHeir();
    else socket.destroy();
  });
  socket.on('error', () => undefined);
  socket.once('close', () => {
    clearTimeout(deadline);
    onEnd();
  });
}
