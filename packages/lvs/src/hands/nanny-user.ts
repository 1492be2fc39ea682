// Under whom nannies run on this machine.
import type { Configuration } from '@piranha/config';
import { findCheckUser, localUsers } from '@piranha/runtime/trust';

/**
 * As nanny's `--user` takes it; undefined: root. Directory services are not asked here, for orders of pulse wait
 * meanwhile: a nanny looks up whom we do not find, and does not work where it finds nobody.
 */
export async function nannyUserOf({ checkUser }: Configuration): Promise<string | undefined> {
  const user = await findCheckUser(checkUser, localUsers);
  switch (user.type) {
    case 'user':
      return `${user.uid}:${user.gid}`;
    case 'lost':
      return user.name;
    case 'root':
    case 'absent':
      return undefined;
  }
}
