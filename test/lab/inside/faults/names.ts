// The name server falls silent, and the file is read again.
import type { Host } from '../host.ts';
import { lvsCf } from '../lab.ts';
import { giveNamesBack, names, silenceNames } from '../silent-names.ts';
import type { FaultRow } from './row.ts';
import { faultSettings } from './settings.ts';

const file = '/etc/sysconfig/ha/lvs.cf';

/** By the signal: `service pulse reload` would not send it for a file that cannot be used. */
async function readAgain(router: Host, text: string): Promise<void> {
  await router.write(file, text);
  await router.must(['sh', '-c', 'kill -HUP "$(cat /run/pulse.pid)"']);
}

export const nameRows: readonly FaultRow[] = [
  {
    name: 'name server silent, and a reload that needs it',
    deed: async ({ owner }) => {
      await silenceNames(owner);
      const text = lvsCf(faultSettings)
        .replace('address = 10.2.0.11', `address = ${names.known}`)
        .replace('address = 10.2.0.12', `address = ${names.silent}`);
      await readAgain(owner, text);
    },
    // A name has 5 s.
    observeMs: 8000,
    undo: async ({ owner }) => {
      await giveNamesBack(owner);
      await readAgain(owner, lvsCf(faultSettings));
    },
    expect: { owner: 'same', failedAtMost: 0, overlapAtMost: 0 },
    says: /dead\.example\.net.*no answer/,
    keepalived: 'it looks no names up',
  },
];
