// Reads a whole file that is a regular one, and no more of it than it may have.
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, stat } from 'node:fs/promises';
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';

/** Neither the other end of a FIFO is waited for, nor does a terminal get hold of us. */
const openFlags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** Why a file has no text for us. */
type NoText = 'not a file' | 'too large';

/** Its text, where it has no more bytes than `most`, however many it says it has. Throws the system's errors. */
export async function readRegularFile(path: string, most: number): Promise<Outcome<string, NoText>> {
  // Looked at before it is opened, for opening a device can already do something.
  if (!(await stat(path)).isFile()) return failure('not a file');
  const file = await open(path, openFlags);
  try {
    // Another one may stand under its name by now.
    if (!(await file.stat()).isFile()) return failure('not a file');
    const bytes = await readStart(file, most + 1);
    return bytes.length > most ? failure('too large') : success(bytes.toString('utf8'));
  } finally {
    await file.close();
  }
}

/** The beginning, of `length` bytes at most. */
async function readStart(file: FileHandle, length: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let left = length; left > 0;) {
    const room = Buffer.allocUnsafe(Math.min(left, 64 * 1024));
    const { bytesRead } = await file.read(room, 0, room.length, null);
    if (bytesRead === 0) break;
    pieces.push(room.subarray(0, bytesRead));
    left -= bytesRead;
  }
  return Buffer.concat(pieces);
}
