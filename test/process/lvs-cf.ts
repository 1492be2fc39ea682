// Files of lvs.cf for the programs under test, each test file in a folder of its own.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { safeFolder } from './safe-folder.ts';

/** One service with one server, at addresses that are nobody's, on the interface that every machine has. */
export const web = `virtual web {
  active = 1
  address = 192.0.2.100 lo:1
  port = 80
  server one {
    address = 192.0.2.11
    active = 1
  }
}
`;

/** A new folder; `file` writes the lvs.cf in it and gives its path. */
export async function folderWithFile(name: string) {
  const folder = await safeFolder(name);
  const file = (content: string): string => {
    const path = join(folder, 'lvs.cf');
    writeFileSync(path, content);
    chmodSync(path, 0o644);
    return path;
  };
  return { folder, file };
}
