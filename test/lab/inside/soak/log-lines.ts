// The system logs of both routers as they are written, with the moment of each line; the daemon may rotate its file.
import { nowMs } from '../command.ts';
import type { Host } from '../host.ts';
import type { LogLine } from './course.ts';

export type LogFollower = {
  readonly lines: () => readonly LogLine[];
  readonly bytesOf: (router: string) => number;
  readonly stop: () => Promise<void>;
};

export function followLogs(routers: readonly Host[]): LogFollower {
  const lines: LogLine[] = [];
  const bytes = new Map<string, number>();
  const tails = routers.map(({ name, start }) =>
    start(['tail', '-n', '+1', '-F', '/run/messages'], (text) => {
      if (text.startsWith('tail: ')) return;
      lines.push({ at: momentOf(text, new Date(), nowMs()), router: name, text });
      bytes.set(name, (bytes.get(name) ?? 0) + Buffer.byteLength(text) + 1);
    }),
  );
  return {
    lines: () => lines,
    bytesOf: (router) => bytes.get(router) ?? 0,
    stop: async () => {
      await Promise.all(tails.map((tail) => tail.stop()));
    },
  };
}

/**
 * A line may be read long after it was written, on a machine that is busy: then the second that the daemon stamped on it
 * counts, to its end.
 */
export function momentOf(text: string, wall: Date, now: number): number {
  const stamp = /^(\w{3} [ \d]\d) (\d\d:\d\d:\d\d) /.exec(text);
  if (stamp === null) return now;
  const age = wall.getTime() - Date.parse(`${stamp[1] ?? ''} ${wall.getFullYear()} ${stamp[2] ?? ''}`);
  return Number.isNaN(age) ? now : now - Math.max(0, age - 999);
}
