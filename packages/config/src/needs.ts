// What a file needs of the machine that it is used on.
import { baseDevice } from '@piranha/domain';
import { usesNat } from './forwarding.ts';
import { isActive } from './draft-blocks.ts';
import type { Place } from './diagnostic.ts';
import type { Draft, DraftVirtual } from './draft-blocks.ts';
import { globalKeys } from './schema.ts';
import type { AnySettings } from './settings.ts';

/**
 * A program, what a program of the file only runs, an interface, a user, or a key of the heartbeat, and where the file names it;
 * line 0 where it does not.
 */
export type Need = Place & {
  readonly key: string;
  readonly type: 'program' | 'script' | 'device' | 'key-file' | 'user';
  readonly name: string;
  /** Whether it stands in an active block. */
  readonly active: boolean;
};

/** All of them, in the order of the keys. */
export function needsOf(draft: Draft): readonly Need[] {
  const { virtuals } = draft;
  return [...ofPair(draft), ...ofRouter(draft), ...virtuals.flatMap((virtual) => ofVirtual(virtual, draft))];
}

type Wanted = Omit<Need, keyof Place | 'name'> & { readonly name: string | undefined };

function need(settings: AnySettings, { name, ...wanted }: Wanted): readonly Need[] {
  if (name === undefined) return [];
  const { line, column } = settings.given.get(wanted.key)?.value ?? { line: 0, column: 0 };
  return [{ ...wanted, name, line, column }];
}

type Command = Pick<Need, 'key' | 'active'> & { readonly words: readonly string[] | undefined };

/** The program of a command, and what it is there to run. */
function ofCommand(settings: AnySettings, { key, words = [], active }: Command): readonly Need[] {
  return [
    ...need(settings, { key, type: 'program', name: words[0], active }),
    ...runBy(words).flatMap((name) => need(settings, { key, type: 'script', name, active })),
  ];
}

/** Programs that run what their arguments name. */
const runners =
  /^(?:\/(?:.*\/)?)?(?:env|nice|ionice|chrt|taskset|timeout|setsid|setpriv|nohup|stdbuf|flock|sudo|su|runuser|unshare|nsenter|ip|busybox|xargs|(?:ba|da|k|z)?sh|(?:python|perl|ruby|node|php|lua|tclsh)[\d.]*)$/;

/** Paths of what a command runs by a program that does nothing else, which may be another one of that kind. */
function runBy([program = '', ...args]: readonly string[]): readonly string[] {
  if (!runners.test(program)) return [];
  const [first = -1, second = -1] = args.flatMap((word, index) => (word.startsWith('/') ? [index] : []));
  // flock(1) is told its lock first.
  const at = /(?:^|\/)flock$/.test(program) && second >= 0 ? second : first;
  return at < 0 ? [] : [...args.slice(at, at + 1), ...runBy(args.slice(at))];
}

/** Heartbeats are only signed where there is a partner to hear them. */
function ofPair({ global }: Draft): readonly Need[] {
  const { heartbeat_auth: auth, heartbeat_key_file, heartbeat_second_key_file, ...values } = global.values;
  const signs = auth !== 'off' && values.backup_active && values.backup !== undefined;
  if (!signs) return [];
  return [
    ...need(global, { key: 'heartbeat_key_file', type: 'key-file', name: heartbeat_key_file, active: true }),
    ...need(global, {
      key: 'heartbeat_second_key_file',
      type: 'key-file',
      name: heartbeat_second_key_file,
      active: true,
    }),
  ];
}

function ofRouter(draft: Draft): readonly Need[] {
  const { global } = draft;
  const { ipvsadm, active_cmd, inactive_cmd, notify_cmd, check_user, nat_router, syncdaemon, syncd_iface } =
    global.values;
  const router = usesNat(draft) && nat_router?.host !== undefined ? baseDevice(nat_router.device) : undefined;
  return [
    ...need(global, { key: 'ipvsadm', type: 'program', name: ipvsadm, active: true }),
    ...ofCommand(global, { key: 'active_cmd', words: active_cmd, active: true }),
    ...ofCommand(global, { key: 'inactive_cmd', words: inactive_cmd, active: true }),
    ...ofCommand(global, { key: 'notify_cmd', words: notify_cmd, active: true }),
    ...need(global, { key: 'check_user', type: 'user', name: check_user, active: true }),
    ...need(global, { key: 'nat_router', type: 'device', name: router, active: true }),
    ...need(global, { key: 'syncd_iface', type: 'device', name: syncdaemon ? syncd_iface : undefined, active: true }),
  ];
}

function ofVirtual(virtual: DraftVirtual, draft: Draft): readonly Need[] {
  const { address, send_program, load_monitor } = virtual.values;
  const active = isActive(virtual);
  const device = address?.host === undefined ? undefined : baseDevice(address.device);
  return [
    ...need(virtual, { key: 'address', type: 'device', name: device, active }),
    ...ofCommand(virtual, { key: 'send_program', words: send_program, active }),
    ...ofLoadMonitor(virtual, load_monitor, draft),
  ];
}

/** `uptime` alone is run on the servers, through a remote shell. */
function ofLoadMonitor(virtual: DraftVirtual, words: readonly string[] | undefined, draft: Draft): readonly Need[] {
  const active = isActive(virtual);
  const monitor = words?.join(' ') ?? 'none';
  if (monitor === 'none') return [];
  if (monitor !== 'uptime') return ofCommand(virtual, { key: 'load_monitor', words, active });
  const { global } = draft;
  const name = (global.values.rsh_command ?? globalKeys.rsh_command.absent)?.[0];
  const wanted = { key: 'rsh_command', type: 'program', name, active } as const;
  // Where the file leaves the shell at its default, the block that asks for it is the place.
  if (global.given.has('rsh_command')) return need(global, wanted);
  return need(virtual, { ...wanted, key: 'load_monitor' }).map((found) => ({ ...found, key: 'rsh_command' }));
}

/** Where the file says which routers it is for. */
export function rolePlaceOf({ global: { given } }: Draft): Place {
  const { line, column } = given.get('primary')?.value ?? given.get('backup')?.value ?? { line: 0, column: 0 };
  return { line, column };
}
