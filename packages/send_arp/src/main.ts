// The command `send_arp`.
import '@piranha/runtime/no-debugger';
import { lookup } from 'node:dns/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { IpAddress } from '@piranha/domain';
import { parseIpAddress } from '@piranha/domain';
import { openPacketSocket } from '@piranha/libc';
import { version } from '@piranha/runtime';
import { addressesHere } from './hands/addresses-here.ts';
import { forwards } from './hands/forwards.ts';
import { run } from './run.ts';

async function lookUp(name: string): Promise<IpAddress | undefined> {
  try {
    const { address } = await lookup(name, { family: 4 });
    return parseIpAddress(address);
  } catch {
    // The resolver's reasons are all told as: unknown host.
    return undefined;
  }
}

process.title = 'send_arp';
// Whoever read our words may be gone: the frames matter, and the end of standard input comes by itself.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

void run(process.argv.slice(2), {
  version: version('send_arp'),
  openSocket: openPacketSocket,
  lookUp,
  forwards,
  addressesHere,
  now: () => Number(process.hrtime.bigint()) / 1e6,
  pause: async (length) => pause(length),
  input: () => process.stdin,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
}).then((status) => {
  process.exitCode = status;
});
