// What the routers' files say of heartbeats: their key, and whether one is asked for; and where heartbeats go.
import type { Host } from '../host.ts';
import { lvsCf } from '../lab.ts';
import { faultSettings } from './settings.ts';
import type { Stage } from './stage.ts';

const file = '/etc/sysconfig/ha/lvs.cf';
const keyFile = '/etc/sysconfig/ha/heartbeat.key';

/** Why keepalived has no such row. */
export const ofThisSuite = 'its heartbeats are another protocol';

/** The last byte of a router's addresses in both networks. */
export const lastByte = (router: Host): number => (router.name === 'r1' ? 2 : 3);

/** Writes another file on a router, and has it read. */
export async function reload(router: Host, text: string): Promise<void> {
  await router.write(file, text);
  await router.must(['service', 'pulse', 'reload']);
}

const signed = (auth: 'accept' | 'require'): string =>
  lvsCf({ ...faultSettings, more: `${faultSettings.more}heartbeat_key_file = ${keyFile}\nheartbeat_auth = ${auth}\n` });

/** A router gets a key, whatever it had before. */
export async function useKey(router: Host, key: string, auth: 'accept' | 'require' = 'accept'): Promise<void> {
  await router.write(keyFile, key.repeat(32));
  await router.must(['chmod', '600', keyFile]);
  await reload(router, signed(auth));
}

const onBoth = async ({ owner, standby }: Stage, act: (router: Host) => Promise<void>): Promise<void> => {
  await Promise.all([owner, standby].map(act));
};

/** Both get a key as a running pair does: first accept, then require. */
export async function signBoth(stage: Stage): Promise<void> {
  await onBoth(stage, (router) => useKey(router, 'a'));
  await onBoth(stage, (router) => reload(router, signed('require')));
}

/** Both are without a key again. */
export const unsign = (stage: Stage): Promise<void> => onBoth(stage, (router) => reload(router, lvsCf(faultSettings)));
