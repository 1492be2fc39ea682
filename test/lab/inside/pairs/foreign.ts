// Services of somebody else beside those of the files, with traffic through one of them.
import { createSocket } from 'node:dgram';
import { must, until } from '../command.ts';
import type { Ipvsadm } from './ipvsadm.ts';
import type { Sighting } from './sighting.ts';
import { look } from './sighting.ts';

/** One differs from one of ours in its protocol alone, and is of a kind that the product does not know. */
const lines = [
  '-A -t 198.51.100.1:80 -s wlc -p 60 -M 255.255.255.0',
  '-a -t 198.51.100.1:80 -r 10.0.1.1:80 -m -w 3 -x 7 -y 2',
  '-a -t 198.51.100.1:80 -r 10.0.1.2:80 -i -w 3 --tun-type gue --tun-port 6080 --tun-nocsum',
  '-A -u 198.51.100.1:53 -s rr',
  '-a -u 198.51.100.1:53 -r 10.0.1.1:53 -m -w 1',
  '-A --sctp-service 10.0.0.1:80 -s rr',
  '-a --sctp-service 10.0.0.1:80 -r 10.0.1.1:80 -m -w 1 -x 3',
  '-A -f 4000000000 -6 -s rr',
  '-a -f 4000000000 -6 -r [fd00:1::1]:80 -g -w 1',
];

/** Makes a table of these alone, whatever was there. */
export const nothingButForeign: readonly string[] = ['-C', ...lines];

/** Makes the table; gives it and the counters of a packet that one of the services had. */
export async function setUpForeign(
  ipvsadm: Ipvsadm,
): Promise<{ readonly foreign: Sighting; readonly counters: readonly string[] }> {
  const [foreign] = await ipvsadm.restore('other services', [...nothingButForeign, ...look], 1);
  return { foreign, counters: await onePacket('198.51.100.1', 53) };
}

/** The counters of the service that had the packet. */
export const foreignCounters = (): Promise<readonly string[]> => countersOf('198.51.100.1', 53);

/** Sends a packet to a UDP service; gives its counters once the kernel shows them, which takes 2 s. */
export async function onePacket(address: string, port: number): Promise<readonly string[]> {
  // Packets to anywhere are ours to schedule, and get lost after that.
  await must(['ip', 'route', 'replace', 'default', 'dev', 'lo']);
  await send(address, port);
  return until('the counters of a packet', 20_000, async () => {
    const now = await countersOf(address, port);
    return now.some((line) => /^UDP .* 1 +1 +0 /.test(line)) ? now : undefined;
  });
}

/** Connections, packets and bytes of a UDP service and of its servers. */
export async function countersOf(address: string, port: number): Promise<readonly string[]> {
  const listed = await must(['ipvsadm', '-L', '-n', '--stats', '--exact', '-u', `${address}:${port}`]);
  return listed
    .split('\n')
    .slice(2)
    .map((line) => line.trim().replace(/ +/g, ' '))
    .filter((line) => line !== '');
}

const send = (address: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.send('x', port, address, (error) => {
      socket.close();
      if (error === null) resolve();
      else reject(error);
    });
  });
