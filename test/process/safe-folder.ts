// Folders for files that programs take from root alone: nobody else may write them, or a folder above them (lvs.cf(5),
// SECURITY). Folders for temporary files are everybody's.
import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { exposureOfPath } from '@piranha/runtime/trust';

/** A new one: below build/, or the home of whoever tests where the way to that is not root's alone. */
export async function safeFolder(name: string): Promise<string> {
  const build = resolve('build/test-files');
  mkdirSync(build, { recursive: true });
  const parent = (await exposureOfPath(build)) === undefined ? build : userInfo().homedir;
  const folder = mkdtempSync(join(parent, `piranha-${name}-`));
  chmodSync(folder, 0o755);
  return folder;
}
