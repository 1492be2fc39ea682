// The four bytes of a heartbeat (reference/pulse §2), always little-endian on the wire.

/**
 * What a heartbeat says. `running`: active, `stopped`: alive and inactive. The other three are words of the original's
 * failover services and only prove that the sender lives.
 */
export type HeartbeatWord = 'running' | 'stopped' | 'stop-me' | 'hold' | 'held';

const words: ReadonlyMap<number, HeartbeatWord> = new Map([
  [0xbdaddbda, 'running'],
  [0xadbddabd, 'stopped'],
  [0xdeaddada, 'stop-me'],
  [0xdeafbabe, 'hold'],
  [0xdeafdada, 'held'],
]);

const bytesOf = { running: [0xda, 0xdb, 0xad, 0xbd], stopped: [0xbd, 0xda, 0xbd, 0xad] } as const;

/** Why a datagram says nothing to us: under four bytes, or a word that an LVS router does not know. */
export type BadDatagram = 'short' | 'incompatible';

/** The datagram that an active (`running`) or inactive (`stopped`) router sends. */
export const encodeHeartbeat = (word: 'running' | 'stopped'): Uint8Array => Uint8Array.from(bytesOf[word]);

/** Reads the first four bytes; what follows them is not looked at. Total: any bytes give an answer. */
export function decodeHeartbeat(bytes: Uint8Array): HeartbeatWord | BadDatagram {
  if (bytes.length < 4) return 'short';
  const value = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  return words.get(value) ?? 'incompatible';
}
