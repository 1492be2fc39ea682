// The addresses that this router has brought up outlive pulse in a small file, until the next boot.
import { existsSync, rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Outcome } from '@piranha/domain';
import { baseDevice, failure } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { RaisedAddresses } from '@piranha/protocol';
import { decodeRaisedAddresses, encodeLine } from '@piranha/protocol';
import type { FloatingAddress, KeptFile } from '@piranha/runtime';
import { readStateFile, writeStateFile } from '@piranha/runtime';

/** Beside the control socket. */
const raisedPath = '/run/piranha/addresses.json';

/** What may be up on this router because of pulse. */
export type RaisedFile = {
  /** All of it that is not wanted. */
  readonly others: (wanted: readonly FloatingAddress[]) => readonly FloatingAddress[];
  /** To be called before they are brought up. */
  readonly add: (addresses: readonly FloatingAddress[]) => void;
  /** To be called when they are down. */
  readonly remove: (addresses: readonly FloatingAddress[]) => void;
  readonly kept: KeptFile;
};

type Entry = RaisedAddresses['addresses'][number];

/** Reads the file; what goes wrong with it is logged, and pulse goes on. It is written only where it changes. */
export function raisedFile(log: Logger, path = raisedPath): RaisedFile {
  let entries: readonly Entry[] = load();

  function load(): readonly Entry[] {
    const decoded = read(path);
    if (decoded === undefined) return [];
    if (decoded.ok) return decoded.value.addresses;
    const text = 'what an earlier life may have left over could not be read: look at `ip address`';
    log.error(text, { file: path, problem: decoded.error });
    return [];
  }

  const keep = (now: readonly Entry[]): void => {
    if (isDeepStrictEqual(now, entries)) return;
    entries = now;
    try {
      write(path, now);
    } catch (error) {
      const text = 'the addresses that are up could not be noted: after a crash they may be left over';
      log.error(text, { file: path, problem: String(error) });
    }
  };

  const without = (addresses: readonly FloatingAddress[]): readonly Entry[] =>
    entries.filter((entry) => !addresses.some((each) => isSame(each, entry)));

  return {
    others: (wanted) => without(wanted).map((entry) => ({ ...entry, prefix: undefined })),
    add: (addresses) => {
      const fresh = addresses.filter((each) => !entries.some((entry) => isSame(each, entry)));
      keep([...entries, ...fresh.map(({ address, device }) => ({ address, device: baseDevice(device) }))]);
    },
    remove: (addresses) => {
      keep(without(addresses));
    },
    kept: {
      path,
      stands: () => entries.length === 0 || existsSync(path),
      restore: () => {
        write(path, entries);
      },
    },
  };
}

const isSame = ({ address, device }: FloatingAddress, entry: Entry): boolean =>
  address === entry.address && baseDevice(device) === entry.device;

function read(path: string): Outcome<RaisedAddresses, string> | undefined {
  try {
    const text = readStateFile(path);
    return text === undefined ? undefined : decodeRaisedAddresses(text);
  } catch (error) {
    return failure(String(error));
  }
}

function write(path: string, addresses: readonly Entry[]): void {
  if (addresses.length === 0) rmSync(path, { force: true });
  else writeStateFile(path, encodeLine({ type: 'raised', addresses }));
}
