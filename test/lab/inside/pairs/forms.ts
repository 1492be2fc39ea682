// Everything that ipvsadm prints of a table: read by the product and written again by it, it is printed as before.
import type { Table } from '@piranha/ipvs';
import { emptyTable, plan, restoreLine } from '@piranha/ipvs';
import type { Ipvsadm } from './ipvsadm.ts';
import { look } from './sighting.ts';

const tunnelled = (octet: number, options: string): string => `-a -t 10.0.0.9:80 -r 10.0.1.${octet}:80 -i ${options}`;

/** Made by somebody else, with all that ipvsadm can do. */
const strange: readonly string[] = [
  '-A -t 10.0.0.1:80 -s mh -b mh-fallback,mh-port',
  '-A -t 10.0.0.2:80 -s mh -b flag-3',
  '-A -t 10.0.0.3:80 -s sh -b sh-port,flag-3 -p 300 -M 128.0.0.0',
  '-A -t 10.0.0.4:80 -s rr -b flag-1,flag-2,flag-3 -p 2678400',
  '-A -t 10.0.0.5:0 -s wlc -p',
  '-a -t 10.0.0.5:0 -r 10.0.1.1:8080 -m -w 65535',
  '-A -u 10.0.0.6:5060 -s wlc -o -p 60 --pe sip',
  '-A -u [fd00::1]:53 -s fo -o',
  '-a -u [fd00::1]:53 -r [fd00::2]:53 -m -w 0 -x 2147483647 -y 2147483646',
  '-a -u [fd00::1]:53 -r 10.0.1.1:53 -i -w 3',
  '-A -t [::5:6]:443 -s ovf -p 20 -M 64',
  '-A -f 1 -s lblcr -o',
  '-a -f 1 -r 10.0.1.1 -g',
  '-a -f 1 -r 10.0.1.1:8080 -m',
  '-A -f 1 -6 -s lblc -p 5 -M 1',
  '-a -f 1 -6 -r [2001:db8::1]:0 -g -x 1',
  '-A -f 4294967295 -s sed',
  '-a -f 4294967295 -r 10.0.1.1:65535 -g -x 9 -y 8',
  '-A -f 4294967290 -6 -s nq',
  '-A -t 10.0.0.9:80 -s dh',
  tunnelled(1, '--tun-type ipip'),
  tunnelled(2, '--tun-type gue --tun-port 6080'),
  tunnelled(3, '--tun-type gue --tun-port 6080 --tun-csum'),
  tunnelled(4, '--tun-type gue --tun-port 65535 --tun-remcsum -x 4'),
  tunnelled(5, '--tun-type gre'),
  tunnelled(6, '--tun-type gre --tun-csum'),
  '-A --sctp-service 10.0.0.5:0 -s wlc -p 7',
  '-a --sctp-service 10.0.0.5:0 -r 10.0.1.1:8080 -m -w 1 -x 3',
];

const additions = (table: Table): readonly string[] => plan(emptyTable, table, new Set()).map(restoreLine);

/** What was printed, what the product made nothing of, and what was printed of the table that it wrote. */
export async function printedForms(ipvsadm: Ipvsadm) {
  const [seen] = await ipvsadm.restore('strange services', ['-C', ...strange, ...look], 1);
  const [again] = await ipvsadm.restore('the same again', ['-C', ...additions(seen.table), ...look], 1);
  return { printed: seen.lines, unknown: seen.unknown, again: again.lines };
}
