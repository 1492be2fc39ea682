// Datagrams in another host's name, from the client's place in the public network.
import { capture } from './capture.ts';
import { pause } from './command.ts';
import type { Host } from './host.ts';
import { sendOnce } from './replay.ts';
import type { Envelope } from './udp-frame.ts';
import { udpFrame } from './udp-frame.ts';

const heartbeatPort = 539;

/** Of Ethernet, IPv4 and UDP. */
const headerBytes = 42;

async function macOf(host: Host): Promise<string> {
  const links = JSON.parse(await host.must(['ip', '-j', 'link', 'show', 'dev', 'eth0'])) as [{ address: string }];
  return links[0].address;
}

/** Who it says it is from, the router that gets it, and where it differs from what the partner sends. */
export type Forged = {
  readonly from: string;
  readonly router: Host;
  readonly to: string;
  readonly fromPort?: number;
  readonly ttl?: number;
};

/** The headers of such a datagram. */
export async function envelopeOf(attacker: Host, { from, router, to, fromPort, ttl }: Forged): Promise<Envelope> {
  return {
    from: { mac: await macOf(attacker), address: from, port: fromPort ?? heartbeatPort },
    to: { mac: await macOf(router), address: to, port: heartbeatPort },
    ...(ttl === undefined ? {} : { ttl }),
  };
}

/** Sends each of them once, given in hexadecimal. */
export async function forge(attacker: Host, forged: Forged, payloads: readonly string[]): Promise<void> {
  const envelope = await envelopeOf(attacker, forged);
  await sendOnce(
    attacker,
    'eth0',
    payloads.map((hex) => udpFrame(envelope, Buffer.from(hex, 'hex'))),
  );
}

/** What a router says on the public network for so long (ms), in hexadecimal. */
export async function record(router: Host, address: string, lengthMs: number): Promise<readonly string[]> {
  const wire = await capture(router, 'eth0', `udp port ${heartbeatPort} and src host ${address}`);
  await pause(lengthMs);
  await wire.stop();
  return wire.frames.map(({ hex }) => hex.slice(2 * headerBytes));
}
