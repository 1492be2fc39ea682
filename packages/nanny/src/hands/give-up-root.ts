// The user that `--user` names: found, and become.
import type { Outcome } from '@piranha/domain';
import { failure } from '@piranha/domain';
import { findUser } from '@piranha/runtime/trust';
import { adoptEnvironment, becomeUser, readIds } from './become-user.ts';

/** Becomes the user, by name or as `UID:GID`; the error says why not. */
export async function giveUpRoot(user: string): Promise<Outcome<void, string>> {
  const cannot = (why: string): Outcome<never, string> =>
    failure(`cannot run as ${user}: ${why}: nothing is checked, and no server is judged by that`);
  const ids = readIds(user);
  const found = ids === undefined ? await findUser(user) : undefined;
  if (found?.ok === false) return cannot(found.error);
  const wanted = ids ?? found?.value;
  if (wanted === undefined) return cannot('there is no such user');
  const become = becomeUser(wanted);
  if (!become.ok) return cannot(become.error);
  if (wanted.uid !== 0) adoptEnvironment(process.env);
  return become;
}
