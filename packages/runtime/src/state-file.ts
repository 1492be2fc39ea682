// Small files in /run/piranha by which a later life knows what an earlier one did.
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes it for root alone; at no time is there half a file. Throws where that is not possible. */
export function writeStateFile(path: string, text: string): void {
  const folder = dirname(path);
  // Not recursive: below /proc, say, Node would try for ever.
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
  const fresh = `${path}.new`;
  writeFileSync(fresh, text, { mode: 0o600 });
  renameSync(fresh, path);
}
