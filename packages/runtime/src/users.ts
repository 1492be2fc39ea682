// Users of this machine (passwd(5)), and the one under whom nannies and the programs of checks run.
import { readFile } from 'node:fs/promises';
import type { Outcome, UserIds } from '@piranha/domain';
import { failure, seconds, success, usualCheckUser } from '@piranha/domain';
import { describeFailure, runCommand } from './run-command.ts';

/** Where users are looked for. */
export type UserSources = {
  /** The content of /etc/passwd; may reject as the system does. */
  readonly file: () => Promise<string>;
  /** What else knows users, such as a directory service: its line, undefined where it knows none of that name. */
  readonly elsewhere: (name: string) => Promise<Outcome<string | undefined, string>>;
};

const system: UserSources = { file: () => readFile('/etc/passwd', 'utf8'), elsewhere: askNameService };

/** The file alone. */
export const localUsers: UserSources = { ...system, elsewhere: () => Promise.resolve(success(undefined)) };

/** A directory service may not answer. */
const limit = seconds(2);
/** The exit status of getent(1) where it finds nothing. */
const unknownName = 2;

async function askNameService(name: string): Promise<Outcome<string | undefined, string>> {
  const asked = await runCommand({ file: 'getent', args: ['passwd', name], limit });
  if (asked.ok) return success(asked.value.stdout);
  return asked.error.status === unknownName ? success(undefined) : failure(describeFailure(asked.error));
}

/** The user's line in the form of passwd(5); undefined where there is none. */
export function userIn(lines: string, name: string): UserIds | undefined {
  const fields = lines.split('\n').map((line) => line.split(':'));
  const [, , uid, gid] = fields.find((each) => each[0] === name) ?? [];
  return isId(uid) && isId(gid) ? { uid: Number(uid), gid: Number(gid) } : undefined;
}

const isId = (text: string | undefined): boolean => text !== undefined && /^\d{1,10}$/.test(text);

/** Looks a user up; undefined where there is none of that name. Never rejects. */
export async function findUser(
  name: string,
  { file, elsewhere } = system,
): Promise<Outcome<UserIds | undefined, string>> {
  const local = await findLocally(name, file);
  if (!local.ok || local.value !== undefined) return local;
  const line = await elsewhere(name);
  return line.ok ? success(userIn(line.value ?? '', name)) : line;
}

async function findLocally(name: string, file: UserSources['file']): Promise<Outcome<UserIds | undefined, string>> {
  try {
    return success(userIn(await file(), name));
  } catch (error) {
    return failure(String(error));
  }
}

/** Who runs nannies and the programs of checks. `absent`: root, for want of a user. `lost`: nobody can. */
export type CheckUser =
  | ({ readonly type: 'user'; readonly name: string } & UserIds)
  | { readonly type: 'root' }
  | { readonly type: 'absent' }
  | { readonly type: 'lost'; readonly name: string; readonly problem: string };

/** Whom `check_user` of lvs.cf stands for on this machine. Never rejects. */
export async function findCheckUser(named: string | undefined, sources = system): Promise<CheckUser> {
  const name = named ?? usualCheckUser;
  // The usual one is a system user: whoever has none need not wait for a directory service at each start.
  const found = await (named === undefined ? findLocally(name, sources.file) : findUser(name, sources));
  if (!found.ok) return { type: 'lost', name, problem: found.error };
  if (found.value?.uid === 0) return { type: 'root' };
  if (found.value !== undefined) return { type: 'user', name, ...found.value };
  return named === undefined ? { type: 'absent' } : { type: 'lost', name, problem: 'there is no such user' };
}
