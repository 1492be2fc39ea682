// The addresses that this router has brought up outlive pulse in a small file, until the next boot.
import { existsSync, rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { FloatingAddress, Outcome } from '@piranha/domain';
import { baseDevice, failure } from '@piranha/domain';
import type { RaisedAddress, RaisedAddresses } from '@piranha/protocol';
import { decodeRaisedAddresses, encodeLine } from '@piranha/protocol';
import type { KeptFile } from './kept-files.ts';
import { readStateFile, writeStateFile } from './state-file.ts';

/** Takes what goes wrong. */
type Complain = (text: string, fields: { readonly file: string; readonly problem: string }) => void;

/** Beside the control socket. */
const raisedPath = '/run/piranha/addresses.json';

/** What may be up on this router because of pulse. */
export type RaisedFile = {
  readonly all: () => readonly RaisedAddress[];
  /** All of it that is not wanted. */
  readonly others: (wanted: readonly FloatingAddress[]) => readonly FloatingAddress[];
  /** To be called before they are brought up, and when they stand in another way than was noted. */
  readonly add: (addresses: readonly RaisedAddress[]) => void;
  /** To be called when they are down, or turn out to be somebody else's. */
  readonly remove: (addresses: readonly FloatingAddress[]) => void;
  /** Tells all of it at each change. */
  readonly watch: (onChange: (all: readonly RaisedAddress[]) => void) => void;
  readonly kept: KeptFile;
};

/** Reads the file; what goes wrong with it is logged, and pulse goes on. It is written only where it changes. */
export function raisedFile(complain: Complain, path = raisedPath): RaisedFile {
  let entries = load(complain, path);
  /** The last change is not in the file. */
  let unsaved = false;
  const watchers: ((all: readonly RaisedAddress[]) => void)[] = [];

  const save = (): void => {
    write(path, entries);
    unsaved = false;
  };
  const keep = (now: readonly RaisedAddress[]): void => {
    if (isDeepStrictEqual(now, entries)) return;
    entries = now;
    for (const onChange of watchers) onChange(now);
    unsaved = true;
    try {
      save();
    } catch (error) {
      const text = 'the addresses that are up could not be noted: after a crash they may be left over';
      complain(text, { file: path, problem: String(error) });
    }
  };

  const without = (addresses: readonly FloatingAddress[]): readonly RaisedAddress[] => {
    const gone = new Set(addresses.map(placeOf));
    return entries.filter((entry) => !gone.has(placeOf(entry)));
  };

  return {
    all: () => entries,
    others: (wanted) => without(wanted).map(({ address, device }) => ({ address, device, prefix: undefined })),
    add: (addresses) => {
      const places = new Map(entries.map((entry) => [placeOf(entry), entry]));
      for (const each of addresses) places.set(placeOf(each), each);
      keep([...places.values()]);
    },
    remove: (addresses) => {
      keep(without(addresses));
    },
    watch: (onChange) => void watchers.push(onChange),
    kept: {
      path,
      stands: () => !unsaved && (entries.length === 0 || existsSync(path)),
      restore: save,
    },
  };
}

/** What lvs knows of it. */
export type RaisedKnowledge = Pick<RaisedFile, 'all' | 'add' | 'remove'> & {
  /** pulse has told all of it: that counts, for the file may lack what could not be written. */
  readonly learn: (all: readonly RaisedAddress[]) => void;
  /** What pulse has told; undefined before that. */
  readonly told: () => readonly RaisedAddress[] | undefined;
};

/** For whoever only takes them down: what pulse has told, or else what the file says at that moment. */
export function raisedKnowledge(complain: Complain, path = raisedPath): RaisedKnowledge {
  let told: readonly RaisedAddress[] | undefined;
  return {
    all: () => told ?? load(complain, path),
    add: () => undefined,
    remove: () => undefined,
    learn: (all) => {
      told = all;
    },
    told: () => told,
  };
}

function load(complain: Complain, path: string): readonly RaisedAddress[] {
  const decoded = read(path);
  if (decoded === undefined) return [];
  if (decoded.ok) return decoded.value.addresses;
  const text = 'what an earlier life may have left over could not be read: look at `ip address`';
  complain(text, { file: path, problem: decoded.error });
  return [];
}

const placeOf = ({ address, device }: Pick<FloatingAddress, 'address' | 'device'>): string =>
  `${address} ${baseDevice(device)}`;

function read(path: string): Outcome<RaisedAddresses, string> | undefined {
  try {
    const text = readStateFile(path);
    return text === undefined ? undefined : decodeRaisedAddresses(text);
  } catch (error) {
    return failure(String(error));
  }
}

function write(path: string, addresses: readonly RaisedAddress[]): void {
  if (addresses.length === 0) rmSync(path, { force: true });
  else writeStateFile(path, encodeLine({ type: 'raised', addresses }));
}
