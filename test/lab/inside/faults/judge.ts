// Whether what came of a fault is what its row allows.
import type { FaultRow, RowSeen } from './row.ts';

/** What did not hold, in words; empty where all did. `longer`: what an outage may take instead of what the row says (ms). */
export function brokenPromises(
  { expect, says }: FaultRow,
  seen: RowSeen,
  longer: (ms: number) => number = (ms) => ms,
): readonly string[] {
  const atMost = (what: string, value: number, limit = Infinity): string | null =>
    value <= limit ? null : `${what} ${value}, at most ${limit}`;
  const line = seen.line ?? 'nothing';
  return [
    seen.problem,
    seen.requests > 50 ? null : `only ${seen.requests} requests`,
    expect.owner === 'either' && (seen.owner === 'same' || seen.owner === 'other') ? null : wrongOwner(expect, seen),
    atMost('outage in ms', seen.outageMs, longer(expect.outageAtMost ?? Infinity)),
    atMost('failed requests', seen.failed, expect.failedAtMost),
    // A router whose processor stands still cannot let go meanwhile.
    atMost('ms with two owners', seen.overlapMs, expect.overlapAtMost + seen.stoodMs),
    atMost('ms with announcements of both', seen.wireOverlapMs, expect.overlapAtMost + seen.stoodMs),
    (says === 'nothing' ? line === says : says.test(line)) ? null : `the log says: ${line}`,
  ].filter((each) => each !== null);
}

const wrongOwner = ({ owner }: FaultRow['expect'], seen: RowSeen): string | null =>
  seen.owner === owner ? null : `the owner is ${seen.owner}, not ${owner}`;
