// A long download through the virtual address, whose bytes are compared at its end.
import { must, until } from './command.ts';
import type { Host } from './host.ts';
import type { Lab } from './lab.ts';
import { vip } from './lab.ts';

/** All hosts see it; nginx gives it away as /long. */
const longFile = '/usr/lib/piranha-lab/long';
const received = '/run/received';
/** How much has arrived. */
const receivedBytes = async (client: Host): Promise<number> =>
  Number((await client.run(['stat', '-c', '%s', received])).stdout);

/** Begins the download and waits for its first bytes. */
export async function startDownload({ client }: Lab) {
  await must(['sh', '-c', `head -c 16000000 /dev/urandom >${longFile}`]);
  const curl = client.start(['curl', '-sN', '-o', received, `http://${vip}/long`]);
  await until('the download', 20_000, async () => (await receivedBytes(client)) > 0);
  /** Whether more arrives before TCP would try for the fourth time what was lost. */
  const goesOn = async (): Promise<boolean> => {
    const before = await receivedBytes(client);
    return until('more of the download', 20_000, async () => (await receivedBytes(client)) > before).catch(() => false);
  };
  const stop = async () => {
    await curl.stop();
    // What arrived is the beginning of what was sent, byte for byte.
    const bytes = await receivedBytes(client);
    return { bytes, same: (await client.run(['cmp', '-n', String(bytes), longFile, received])).code === 0 };
  };
  return { goesOn, stop };
}
