// A name server that is there and says nothing, on one router; its file of hosts goes on answering.
import type { Host } from './host.ts';

/** Both names are of one server; only the first is in the router's file of hosts. */
export const names = { known: 'good.example.net', silent: 'dead.example.net' } as const;

const silence = [
  'ip address add 192.0.2.53/32 dev lo',
  'nft add table ip hole',
  "nft 'add chain ip hole in { type filter hook input priority 0; }'",
  'nft add rule ip hole in udp dport 53 drop',
  "printf 'nameserver 192.0.2.53\\noptions timeout:5 attempts:2\\n' >/run/resolv",
  'mount --bind /run/resolv /etc/resolv.conf',
  `{ cat /etc/hosts; echo '10.2.0.11 ${names.known}'; } >/run/hosts`,
  'mount --bind /run/hosts /etc/hosts',
].join(' && ');

const undoing = [
  'umount /etc/hosts',
  'umount /etc/resolv.conf',
  'nft delete table ip hole',
  'ip address delete 192.0.2.53/32 dev lo',
].join('; ');

export const silenceNames = (router: Host): Promise<string> => router.must(['sh', '-c', silence]);
export const giveNamesBack = (router: Host): Promise<string> => router.must(['sh', '-c', undoing]);
