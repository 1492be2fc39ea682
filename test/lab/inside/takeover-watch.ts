// One takeover at short timers, moment by moment: heartbeats and announcements from the wire, the address from the
// kernel, the first answer from the client, and the programs that were started meanwhile.
import { claimsVip } from './arp-claims.ts';
import { capture } from './capture.ts';
import type { Traffic } from './client.ts';
import { nowMs, pause, until } from './command.ts';
import type { ExecTrace, Start } from './exec-trace.ts';
import type { Host } from './host.ts';
import type { Lab } from './lab.ts';
import { watchOwners } from './owners.ts';
import { hasVip } from './look.ts';

/** Moments of a takeover, in ms after the last heartbeat. */
type Moments = {
  readonly cut: number;
  /** The new owner says that it is active: the moment in which it has noticed the silence. */
  readonly said: number;
  readonly addressUp: number;
  readonly announced: number;
  readonly answered: number;
};

export type Takeover = {
  readonly to: string;
  readonly moments: Moments;
  /** Requests that were refused while the cables of the old owner were out: the new one had the address, but no table. */
  readonly refused: number;
  /** What the new owner started from the last heartbeat to the first answer; undefined where it cannot be seen. */
  readonly started: readonly Start[] | undefined;
};

/** Pulls the cables of the owner and waits for the other's first answer; undefined where it is the owner no more. */
export async function watchTakeover(
  { client, setCables }: Lab,
  { from, to, traffic, trace }: { from: Host; to: Host; traffic: Traffic; trace: ExecTrace | undefined },
): Promise<Takeover | undefined> {
  const heartbeats = await Promise.all(['eth0', 'eth1'].map((device) => capture(to, device, 'udp port 539')));
  const announcements = await capture(client, 'eth0', 'arp');
  const owners = await watchOwners([to]);
  if (trace !== undefined) await untilTableWasRead(to, trace);
  const watches = [...heartbeats, announcements, owners];
  if (!hasVip(from)) {
    await stopAll(watches);
    return undefined;
  }
  const before = nowMs();
  await setCables(from, 'down');
  const cut = nowMs();
  const first = await traffic.answeredAfter(cut, 20_000);
  await pause(500);
  await stopAll(watches);

  const offset = clockOffset();
  const frames = heartbeats
    .flatMap(({ frames: seen }) => seen)
    .map(({ at, hex }) => ({
      at: at - offset,
      own: sentBy(hex) === lastByte(to),
      active: hex.slice(84, 92) === 'dadbadbd',
    }))
    .sort((a, b) => a.at - b.at);
  const last = frames.filter(({ own, at }) => !own && at < first.doneAt).at(-1)?.at ?? NaN;
  const since = (at: number | undefined): number => Math.round(((at ?? NaN) - last) * 10) / 10;
  const after = <T extends { readonly at: number }>(seen: readonly T[], holds: (each: T) => boolean) =>
    seen.find((each) => each.at > before && holds(each))?.at;
  const said = after(frames, ({ own, active }) => own && active) ?? NaN;
  // Commands of the lab may end long after the cables are out: what is answered after that word is the new owner's answer.
  const answered = traffic
    .since(before - 2000)
    .filter(({ outcome, doneAt }) => outcome.type === 'answered' && doneAt > said)
    .sort((a, b) => a.doneAt - b.doneAt)[0];
  const refused = traffic.since(cut).filter(({ outcome }) => outcome.type === 'refused').length;
  return {
    to: to.name,
    refused,
    moments: {
      cut: since(cut),
      said: since(said),
      addressUp: since(
        after(
          owners.moves().map((move) => ({ ...move, at: move.at - offset })),
          ({ has }) => has,
        ),
      ),
      announced: since(
        after(
          announcements.frames.map((frame) => ({ ...frame, at: frame.at - offset })),
          isAnnouncement,
        ),
      ),
      answered: since(answered?.doneAt),
    },
    started: trace?.startedOn(to).filter(({ at }) => at >= last && at <= first.doneAt),
  };
}

async function stopAll(watches: readonly { readonly stop: () => Promise<unknown> }[]): Promise<void> {
  await Promise.all(watches.map((each) => each.stop()));
}

/** The table is read every few seconds, takeover or not: just after a reading there is time for a takeover without one. */
async function untilTableWasRead(host: Host, trace: ExecTrace): Promise<void> {
  const from = nowMs();
  await until(`the table of ${host.name} to be read`, 20_000, () =>
    trace.startedOn(host).some(({ at, program }) => at > from && program.endsWith('/ipvsadm')),
  );
  await pause(500);
}

/** What the wall clock of captures is ahead of the clock of all else. */
function clockOffset(): number {
  const start = Date.now();
  let now = start;
  while (now === start) now = Date.now();
  return now - nowMs();
}

/** The last byte of an IPv4 source address. */
const sentBy = (hex: string): number => Number.parseInt(hex.slice(58, 60), 16);
const lastByte = (router: Host): number => (router.name === 'r1' ? 2 : 3);

/** Whether a frame announces the virtual address. */
export const isAnnouncement = (frame: { readonly hex: string }): boolean =>
  frame.hex.startsWith('ffffffffffff') && claimsVip(frame);
