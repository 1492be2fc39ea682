// Which notes of the partner count: those of the session that its heartbeats have proved, each signed one once (docs/pair.md).
import type { SignedNote } from '@piranha/protocol';
import { faultOf } from './acceptance.ts';
import type { AuthMode, Reception, Refusal } from '../state-parts.ts';

/** A note and what it is judged by. */
type NoteArrival = SignedNote & {
  readonly ownSession: bigint;
  readonly auth: AuthMode;
  /** The highest sequence of the accepted session's notes. */
  readonly newest: bigint;
};

type JudgedNote = { readonly reception: Reception; readonly counts: boolean };

/** Judges one note. Whatever comes of it, no session begins or ends by it; what is refused is counted as a heartbeat. */
export function acceptNote(before: Reception, arrival: NoteArrival): JudgedNote {
  const fault = arrival.auth === 'off' ? undefined : faultOf(arrival.signature);
  if (fault !== undefined && arrival.auth === 'require') return refuse(before, fault);
  const reception =
    fault === undefined
      ? before
      : { ...before, tolerated: { ...before.tolerated, [fault]: before.tolerated[fault] + 1 } };
  const why = whyNot(reception, arrival);
  return why === undefined ? { reception, counts: true } : refuse(reception, why);
}

function whyNot(reception: Reception, { note, signature, ownSession, auth, newest }: NoteArrival): Refusal | undefined {
  const { session, echo, sequence } = note;
  if (session === ownSession) return 'own-session';
  if (reception.retired.has(session)) return 'retired-session';
  const known = session === reception.session && (auth !== 'require' || reception.proved);
  // One for another session of ours was recorded before our start.
  if (!known || echo !== ownSession) return 'unproved-session';
  // Anybody can make up a sequence: it must not stand in the way of the partner's.
  return signature !== 'valid' || sequence > newest ? undefined : 'old-sequence';
}

const refuse = (reception: Reception, why: Refusal): JudgedNote => ({
  reception: { ...reception, refused: { ...reception.refused, [why]: reception.refused[why] + 1 } },
  counts: false,
});
