// From bytes that came from the partner's address to datagrams and notes: counts what is dropped, and says it once.
import type { Clock, Instant } from '@piranha/domain';
import { cutTo } from '@piranha/libc';
import type { Logger, LogLine } from '@piranha/logging';
import type { BadDatagram, Datagram, Keys, SignedNote, Trailer } from '@piranha/protocol';
import { claimOf, decodeDatagram, decodeNote, isNote } from '@piranha/protocol';
import { arrivals } from './arrivals.ts';
import type { Misplaced } from '../news.ts';
import type { ChannelName } from '../state-parts.ts';

/** Takes a datagram of the partner, the channel that brought it, and when. */
export type OnDatagram = (datagram: Datagram, channel: ChannelName, arrivedAt: Instant) => void;

/** Why a datagram is not worth the look at its signature, by what it claims to say; undefined where it is. */
export type WhyPast = (claim: Trailer, channel: ChannelName) => Past | undefined;
type Past = 'own-session' | 'old-sequence';

export type OnNote = (note: SignedNote, arrivedAt: Instant) => void;

/** Takes the news of a datagram with the partner's address that has come by a wrong way. */
export type OnMisplaced = (why: Misplaced, arrivedAt: Instant) => void;

/** Datagrams of other senders, and those of the partner that came by a wrong way, could not be read or were of the past. */
export type DatagramCounters = Readonly<Record<'strangers' | Misplaced | BadDatagram | Past, number>>;

const complaints: Readonly<Record<BadDatagram, string>> = {
  short: 'bad heartbeat packet',
  incompatible: 'incompatible heartbeat: the other system does not use identical services',
  malformed: 'malformed heartbeat: the other system may have another version',
};

/** Different lines about dropped datagrams of one kind. */
const mostTold = 16;

/** Makes a reader; `keys` are those in force. */
export function datagramReader(log: Logger, clock: Clock, keys: () => Keys) {
  let onDatagram: OnDatagram = () => undefined;
  let whyPast: WhyPast = () => undefined;
  let onNote: OnNote = () => undefined;
  let onMisplaced: OnMisplaced = () => undefined;
  const [arrival, dropped] = [arrivals(clock), counted(log)];
  const misplaced = (why: Misplaced): void => {
    dropped.count(why);
    onMisplaced(why, arrival());
  };
  const readNote = (bytes: Uint8Array, from: string): void => {
    const note = decodeNote(bytes, keys());
    if (note === 'malformed') dropped.refuse(note, from);
    else onNote(note, arrival());
  };
  const readHeartbeat = (bytes: Uint8Array, from: string, channel: ChannelName): void => {
    const claim = claimOf(bytes);
    const past = claim === undefined ? undefined : whyPast(claim, channel);
    if (past !== undefined) {
      dropped.count(past);
      return;
    }
    const datagram = decodeDatagram(bytes, keys());
    if (typeof datagram === 'string') dropped.refuse(datagram, from);
    else onDatagram(datagram, channel, arrival());
  };
  return {
    ...{ dropStranger: dropped.stranger, counters: dropped.counters, misplaced },
    read: (bytes: Uint8Array, from: string, channel: ChannelName) => {
      const why = cutBy(bytes);
      if (why !== undefined) misplaced(why);
      else if (isNote(bytes)) readNote(bytes, from);
      else readHeartbeat(bytes, from, channel);
    },
    listen: (listener: OnDatagram, past: WhyPast) => {
      [onDatagram, whyPast] = [listener, past];
    },
    listenToNotes: (listener: OnNote) => {
      onNote = listener;
    },
    listenToMisplaced: (listener: OnMisplaced) => {
      onMisplaced = listener;
    },
  };
}

/** Counts what is dropped, and says the first of each kind. */
function counted(log: Logger) {
  const counts = {
    ...{ strangers: 0, 'other-port': 0, far: 0, elsewhere: 0 },
    ...{ short: 0, incompatible: 0, malformed: 0, 'own-session': 0, 'old-sequence': 0 },
  };
  const [tell, warn] = [onceEach(log.debug), onceEach(log.warning)];
  const count = (why: keyof DatagramCounters): void => {
    counts[why] += 1;
  };
  return {
    count,
    stranger: (from: string): void => {
      count('strangers');
      tell(`Unexpected heartbeat from ${from}`, from);
    },
    refuse: (why: BadDatagram, from: string): void => {
      count(why);
      warn(complaints[why], from);
    },
    counters: (): DatagramCounters => ({ ...counts }),
  };
}

/** Which rule of the kernel's program it has broken: then it is that short. */
function cutBy({ length }: Uint8Array): 'far' | 'elsewhere' | undefined {
  if (length === cutTo.far) return 'far';
  return length === cutTo.elsewhere ? 'elsewhere' : undefined;
}

/** Says each of the first few things once: a stranger must not fill the log. */
function onceEach(say: LogLine): (text: string, from: string) => void {
  const told = new Set<string>();
  return (text, from) => {
    if (told.size >= mostTold || told.has(text)) return;
    told.add(text);
    say(text, { from });
  };
}
