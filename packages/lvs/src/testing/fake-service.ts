// A web service with two real servers, as lvs.cf and the table have it, and an lvs that runs it.
import type { FakeLvs } from './fake-lvs.ts';
import { fakeLvs } from './fake-lvs.ts';

export const server = (name: string, address: string, more = ''): string =>
  `server ${name} {\n active = 1\n address = ${address}\n ${more}\n}\n`;
export const virtual = (name: string, port: number, servers: string, more = ''): string =>
  `virtual ${name} {\n active = 1\n address = 10.0.0.100 eth0:1\n port = ${port}\n ${more}\n ${servers}}\n`;

export const one = server('one', '10.0.1.1');
export const two = server('two', '10.0.1.2');
export const file = virtual('web', 80, one + two);

export const serverOne = 'tcp 10.0.0.100:80/10.0.1.1:80';
export const serverTwo = 'tcp 10.0.0.100:80/10.0.1.2:80';
export const webLine = '-A -t 10.0.0.100:80 -s wlc';
export const oneLine = '-a -t 10.0.0.100:80 -r 10.0.1.1:80 -m -w 1';
export const twoLine = '-a -t 10.0.0.100:80 -r 10.0.1.2:80 -m -w 1';

/** An active lvs whose servers were not judged yet. */
export function activeLvs(text = file) {
  const lvs = fakeLvs();
  lvs.configure(text);
  lvs.order('active');
  return lvs;
}

/** An active lvs whose two servers are good. */
export function readyLvs(text = file) {
  const lvs = activeLvs(text);
  lvs.up(serverOne);
  lvs.up(serverTwo);
  return lvs;
}

/** What nannies were told from an action on, signs of life aside. */
export const commandsTo = (lvs: FakeLvs, from: number) =>
  lvs.actions
    .slice(from)
    .flatMap((action) => (action.type === 'command-nanny' ? action.commands : []))
    .filter(({ type }) => type !== 'ping');
