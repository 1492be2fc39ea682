// Giving up root: what a nanny reads comes from strangers, and nothing that it does needs more than a user of its own.
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { Outcome, UserIds } from '@piranha/domain';
import { failure, success } from '@piranha/domain';

/** What a process can do about who it is; what the system refuses throws. */
export type Identity = {
  readonly user: () => number;
  readonly group: () => number;
  readonly setGroups: (groups: readonly number[]) => void;
  readonly setGroup: (id: number) => void;
  readonly setUser: (id: number) => void;
  /** The kernel's account of this process (proc(5), status). */
  readonly status: () => string;
};

/** `UID:GID`, as lvs gives it. */
export function readIds(text: string): UserIds | undefined {
  const [, uid, gid] = /^(\d{1,10}):(\d{1,10})$/.exec(text) ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/** Becomes a user for good, with its own group and no other; the error says why not, and then nothing may be checked. */
export function becomeUser({ uid, gid }: UserIds, own: Identity = identityOf(process)): Outcome<void, string> {
  try {
    // The launcher may have done it.
    if (own.user() !== uid || own.group() !== gid) {
      own.setGroups([]);
      own.setGroup(gid);
      own.setUser(uid);
    }
    const left = uid === 0 ? undefined : powersLeft(uid, gid, own);
    return left === undefined ? success(undefined) : failure(left);
  } catch (error) {
    return failure(String(error));
  }
}

/** Why this process is still more than that user; undefined where it is not, and cannot become so again. */
function powersLeft(uid: number, gid: number, own: Identity): string | undefined {
  const status = new Map(own.status().split('\n').map(fieldOf));
  const all = (id: number): string => [id, id, id, id].join(' ');
  if (status.get('Uid') !== all(uid) || status.get('Gid') !== all(gid))
    return 'the kernel says that it is somebody else';
  if (!['', String(gid)].includes(status.get('Groups') ?? 'unknown')) return 'it has groups left';
  const left = ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'].find((name) => !/^0+$/.test(status.get(name) ?? 'unknown'));
  if (left !== undefined) return `it has privileges left (${left})`;
  return comesBack(() => {
    own.setUser(0);
  }) ||
    comesBack(() => {
      own.setGroup(0);
    })
    ? 'it could become root again'
    : undefined;
}

function fieldOf(line: string): readonly [name: string, value: string] {
  const [name = '', value = ''] = line.split(':');
  return [name, value.trim().replaceAll(/\s+/g, ' ')];
}

function comesBack(attempt: () => void): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}

/** Programs look for their settings where these say: not in root's folder. */
export function adoptEnvironment(
  env: NodeJS.ProcessEnv,
  who: () => Pick<Who, 'username' | 'homedir'> = userInfo,
): void {
  const { username, homedir } = whoOr({ username: undefined, homedir: '/' }, who);
  env['HOME'] = homedir;
  for (const name of ['USER', 'LOGNAME']) {
    if (username === undefined) Reflect.deleteProperty(env, name);
    else env[name] = username;
  }
}

type Who = { readonly username: string; readonly homedir: string };

/** A number may have no name. */
function whoOr<T>(otherwise: T, who: () => Pick<Who, 'username' | 'homedir'>): T | Pick<Who, 'username' | 'homedir'> {
  try {
    return who();
  } catch {
    return otherwise;
  }
}

type Calls = Pick<NodeJS.Process, 'geteuid' | 'getegid' | 'setgroups' | 'setgid' | 'setuid'>;

function identityOf({ geteuid, getegid, setgroups, setgid, setuid }: Calls): Identity {
  const absent = (): never => {
    throw new Error('this system has no users');
  };
  return {
    user: geteuid ?? absent,
    group: getegid ?? absent,
    setGroups: setgroups ?? absent,
    setGroup: setgid ?? absent,
    setUser: setuid ?? absent,
    status: () => readFileSync('/proc/self/status', 'utf8'),
  };
}
