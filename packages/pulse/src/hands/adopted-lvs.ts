// The lvs that an earlier pulse has left: found at its socket, and spoken to as if it were a child of ours.
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { Ending, Millis } from '@piranha/domain';
import { seconds } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { LvsStanding } from '@piranha/protocol';
import { adoptRequest, decodeLvsGreeting, encodeLine } from '@piranha/protocol';
import type { Child } from '@piranha/runtime';
import type { ProcessIdentity } from '@piranha/runtime/processes';
import { folderProblem, readLines } from '@piranha/runtime';
import { identify, listenersAt, lives, othersShown, shownLvs, signalProcess } from '@piranha/runtime/processes';
import { lvsSocketPath } from '@piranha/runtime/sockets';

/** Who listens to it. */
type Listeners = { readonly onLine: (line: string) => void; readonly onEnd: (ending: Ending) => void };

/** A living lvs that obeys us from now on. */
export type LivingLvs = {
  readonly standing: LvsStanding;
  /** Begins to hear what it says, and tells its end; to be called once. */
  readonly attach: (listeners: Listeners) => Child;
  /** Lets it go again instead. */
  readonly leave: () => void;
};

/** `absent`: there is none, or none any more. `taken`: there is a pulse above it; the text is for people. */
export type FoundLvs =
  | { readonly type: 'absent' }
  | { readonly type: 'taken'; readonly problem: string }
  | { readonly type: 'living'; readonly lvs: LivingLvs };

/** How long things may take. */
export type Patience = {
  /** Longer without an answer, and it hangs. */
  readonly answer: Millis;
  /** For a socket that somebody deleted: lvs puts it back within a second. */
  readonly socket: Millis;
  /** Of an lvs that is about to end. */
  readonly end: Millis;
};

const usualPatience: Patience = { answer: seconds(3), socket: seconds(3), end: seconds(10) };
const processName = 'lvsd';
const pollEvery = 20;
/** A killed process is gone after that, unless the kernel holds it (ms). */
const killLimit = 2000;
/** The end of its socket is that of the process, give or take this (ms). */
const farewell = 1000;

const absent: FoundLvs = { type: 'absent' };

/** Asks at the socket. An lvs that hangs is killed: nobody could balance or fence with it. */
export async function findLvs(
  log: Logger,
  path: string = lvsSocketPath,
  patience: Patience = usualPatience,
): Promise<FoundLvs> {
  const socket = (await open(path)) ?? (await openLater(path, log, patience));
  if (socket === undefined) return absent;
  const lines = lineBuffer(socket);
  socket.write(encodeLine(adoptRequest));
  const first = await lines.first(patience.answer);
  if (first === 'ended') return absent;
  if (first === 'silent') {
    socket.destroy();
    await killHanging(path, log);
    return absent;
  }
  const greeting = decodeLvsGreeting(first.line);
  if (!greeting.ok) return taken(socket, `lvs gave an answer that could not be read: ${greeting.error}`);
  const standing = greeting.value;
  if (standing.type === 'refused') return taken(socket, standing.problem);
  const identity = identify(standing.pid);
  if (identity === undefined) return absent;
  if (standing.role === 'ending') {
    await untilGone(identity, patience.end);
    signalProcess(identity, 'SIGKILL');
    return absent;
  }
  const lvs: LivingLvs = {
    standing,
    attach: (listeners) => asChild(socket, lines, identity, listeners),
    leave: () => socket.destroy(),
  };
  return { type: 'living', lvs };
}

/** An lvs whose socket is gone would balance on beside ours: found in time, or ended. */
async function openLater(path: string, log: Logger, patience: Patience): Promise<Socket | undefined> {
  const left = (): readonly ProcessIdentity[] => othersShown(shownLvs);
  for (let waited = 0; left().length > 0 && waited < patience.socket; waited += pollEvery) {
    const socket = await open(path);
    if (socket !== undefined) return socket;
    await new Promise((resolve) => setTimeout(resolve, pollEvery));
  }
  for (const each of left()) {
    log.error('an lvs was left whose socket is gone: ending it', { pid: each.pid, socket: path });
    signalProcess(each, 'SIGTERM');
    await untilGone(each, patience.end);
    signalProcess(each, 'SIGKILL');
    await untilGone(each, killLimit);
  }
  return undefined;
}

function taken(socket: Socket, problem: string): FoundLvs {
  socket.destroy();
  return { type: 'taken', problem };
}

/** Undefined where nobody listens, or anybody could have put the socket there. */
function open(path: string): Promise<Socket | undefined> {
  if (folderProblem(dirname(path)) !== undefined) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const socket = connect(path);
    const onError = (): void => {
      resolve(undefined);
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      socket.off('error', onError);
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

type FirstLine = { readonly line: string } | 'ended' | 'silent';

type LineBuffer = {
  readonly first: (limit: Millis) => Promise<FirstLine>;
  /** Hands over what has come meanwhile, and all that comes. */
  readonly pass: (onLine: (line: string) => void) => void;
};

/** Keeps lines until somebody wants them. */
function lineBuffer(socket: Socket): LineBuffer {
  const kept: string[] = [];
  let take = (line: string): void => void kept.push(line);
  readLines(socket, (line) => {
    take(line);
  });
  return {
    first: (limit) =>
      new Promise((resolve) => {
        const settle = (result: FirstLine): void => {
          clearTimeout(late);
          take = (line) => void kept.push(line);
          resolve(result);
        };
        const late = setTimeout(settle, limit, 'silent');
        take = (line) => {
          settle({ line });
        };
        socket.once('close', () => {
          settle('ended');
        });
      }),
    pass: (onLine) => {
      // Not at once: whoever listens is not ready before it has us.
      setImmediate(() => {
        for (const line of kept.splice(0)) onLine(line);
        take = onLine;
      });
    },
  };
}

/** Its end is that of the socket; signals go to its number while that is its own. */
function asChild(socket: Socket, lines: LineBuffer, identity: ProcessIdentity, { onLine, onEnd }: Listeners): Child {
  lines.pass(onLine);
  const ended = closed(socket).then(async (): Promise<Ending> => {
    await untilGone(identity, farewell);
    signalProcess(identity, 'SIGKILL');
    await untilGone(identity, killLimit);
    return { type: 'vanished' };
  });
  void ended.then(onEnd);
  const signal = (name: NodeJS.Signals): void => {
    signalProcess(identity, name);
  };
  return {
    pid: identity.pid,
    send: (text) => {
      if (socket.writable) socket.write(text);
    },
    signal,
    deafen: () => {
      socket.destroy();
    },
    stop: async (graceMs) => {
      signal('SIGTERM');
      const deadline = setTimeout(signal, graceMs, 'SIGKILL');
      const ending = await ended;
      clearTimeout(deadline);
      return ending;
    },
  };
}

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.closed) resolve();
    else
      socket.once('close', () => {
        resolve();
      });
  });

async function killHanging(path: string, log: Logger): Promise<void> {
  const listening = listenersAt(path, processName);
  // Into one with other privileges we may not look.
  const hanging = listening.length > 0 ? listening : othersShown(shownLvs);
  for (const each of hanging) {
    log.error('an lvs was left that does not answer: killing it', { pid: each.pid });
    signalProcess(each, 'SIGKILL');
    await untilGone(each, killLimit);
  }
  if (hanging.length === 0) log.error('an lvs was left that does not answer, and it cannot be found');
}

async function untilGone(process_: ProcessIdentity, limitMs: number): Promise<void> {
  for (let waited = 0; waited < limitMs && lives(process_); waited += pollEvery) {
    await new Promise((resolve) => setTimeout(resolve, pollEvery));
  }
}
