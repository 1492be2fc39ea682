// What is known of a machine before a file is judged by it, and when it is.
import type { Diagnostic, Need } from '@piranha/config';
import type { Outcome } from '@piranha/domain';
import type { Interface } from '@piranha/protocol';
import type { CheckUser, Exposure, ProgramState } from '@piranha/runtime/trust';
import type { Role } from './subjects.ts';

/** When a file is judged. */
export type Occasion =
  /** `strict`: as if it were meant for this machine in any case. */
  | { readonly type: 'check'; readonly strict: boolean; readonly before?: readonly Need[] }
  | { readonly type: 'start' }
  /** Somebody serves with this file: a start that must not end that. */
  | { readonly type: 'restart' }
  /** The text in force, whose host names have got addresses. */
  | { readonly type: 'names' }
  /** `before`: what the file in force needs; of a check, where there is one to be replaced. */
  | { readonly type: 'reload'; readonly before: readonly Need[] };

/** What this machine has of what a file needs; what could not be found out is undefined. */
export type Machine = {
  readonly role: Role | undefined;
  readonly interfaces: readonly Interface[] | undefined;
  readonly programs: ReadonlyMap<string, ProgramState>;
  /** What others than root may change: programs and keys that the file names, and programs of the command line. */
  readonly exposed: ReadonlyMap<string, Exposure>;
  readonly ownExposed: ReadonlyMap<string, Exposure>;
  /** Who runs checks, and which programs of the file may not be run by that user. */
  readonly checkUser: CheckUser;
  readonly barred: ReadonlySet<string>;
  /** Who besides root may change the file itself. */
  readonly file: Exposure | undefined;
  /** Whether the file is the one that pulse reads where its command line names no other. */
  readonly installed: boolean;
  /** The heartbeat's keys that are needed, by their files, or what is wrong with a file. */
  readonly keys: ReadonlyMap<string, Outcome<Uint8Array, string>>;
};

export type Trouble = Pick<Diagnostic, 'code' | 'message' | 'hint'>;
