// Whether the user under whom checks run is there, and may run their programs.
import type { Diagnostic } from '@piranha/config';
import { quoted } from '@piranha/config';
import { usualCheckUser } from '@piranha/domain';
import type { Machine, Occasion, Trouble } from './machine.ts';

/** The keys of programs that nannies run; those of the others run as root. */
export const keysOfCheckUser: readonly string[] = ['send_program', 'load_monitor', 'rsh_command'];

const makeUser = (name: string): string =>
  `\`useradd --system --user-group --no-create-home --shell /usr/sbin/nologin ${name}\` makes it`;

/** The user that the file names cannot be had. */
export const lostUser = (user: Machine['checkUser']): Trouble | undefined =>
  user.type === 'lost'
    ? {
        code: 'no-user',
        message: `check_user: nothing can be run as ${quoted(user.name)}: ${user.problem}`,
        hint: `${makeUser(user.name)}, or name another user`,
      }
    : undefined;

/** Where the file names nobody: root for want of the usual user is worth one warning. */
export function judgeUsual({ checkUser, role }: Machine, occasion: Occasion): readonly Diagnostic[] {
  const elsewhere = occasion.type === 'check' && !occasion.strict && role === undefined;
  if (checkUser.type !== 'absent' || elsewhere || occasion.type === 'names') return [];
  const message = `there is no user ${usualCheckUser}: nannies and the programs of checks run as root`;
  const hint = `${makeUser(usualCheckUser)}; check_user = root says that root is meant`;
  return [{ line: 0, column: 0, severity: 'warning', code: 'checks-as-root', message, hint }];
}

/** A program that root could run and the user of checks cannot: every server would look as if it could not be checked. */
export function barredProgram(key: string, name: string, { checkUser, barred }: Machine): Trouble | undefined {
  if (checkUser.type !== 'user' || !keysOfCheckUser.includes(key) || !barred.has(name)) return undefined;
  return {
    code: 'no-program',
    message: `${key}: ${quoted(name)} cannot be run by the user ${checkUser.name}, who runs checks`,
    hint: 'let others read and run it (chmod o+rx), and pass through the folders above it; or name another check_user',
  };
}
