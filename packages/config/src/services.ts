// Names of ports: the format of /etc/services.
import type { Port } from '@piranha/domain';
import { asPort } from '@piranha/domain';

/** Finds ports by name. */
export type Services = ReadonlyMap<string, Port>;

/** Stands in for /etc/services on a machine without one. */
export const wellKnownServices = `
ftp 21/tcp
ssh 22/tcp
telnet 23/tcp
smtp 25/tcp mail
domain 53/tcp
domain 53/udp
tftp 69/udp
http 80/tcp www
kerberos 88/tcp
kerberos 88/udp
pop3 110/tcp pop-3
nntp 119/tcp
ntp 123/udp
imap2 143/tcp imap
snmp 161/udp
ldap 389/tcp
https 443/tcp
https 443/udp
submissions 465/tcp smtps
syslog 514/udp
submission 587/tcp
ldaps 636/tcp
imaps 993/tcp
pop3s 995/tcp
mysql 3306/tcp
ms-wbt-server 3389/tcp
sip 5060/tcp
sip 5060/udp
postgresql 5432/tcp postgres
http-alt 8080/tcp webcache
`;

/** Reads the text of a services file: `name port/protocol aliases # comment`; the first of two equal names counts. */
export function parseServices(text: string): Services {
  const ports = new Map<string, Port>();
  for (const line of text.split('\n')) {
    const [name, target = '', ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
    const [number = '', protocol = ''] = target.split('/');
    const port = /^\d+$/.test(number) ? asPort(Number(number)) : undefined;
    if (name === undefined || port === undefined) continue;
    for (const known of [name, ...aliases].map((each) => `${each}/${protocol}`)) {
      if (!ports.has(known)) ports.set(known, port);
    }
  }
  return ports;
}

/** The port that a name means for a protocol. The original looks for tcp alone: where ours knows none, tcp counts. */
export const findPort = (services: Services, name: string, protocol: 'tcp' | 'udp'): Port | undefined =>
  services.get(`${name}/${protocol}`) ?? services.get(`${name}/tcp`);
