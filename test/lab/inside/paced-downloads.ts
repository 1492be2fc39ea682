// Downloads of the same file from several addresses at once, at the pace of the server, compared by their digests.
import { must, until } from './command.ts';
import type { Host } from './host.ts';

/** All hosts see it; nginx gives it away as /paced, 100 KiB a second. */
const file = '/usr/lib/piranha-lab/paced';
const bytesPerSecond = 100 * 1024;
const received = (address: string): string => `/run/received-${address}`;

const digestOf = async (sum: Promise<string>): Promise<string> => (await sum).split(' ')[0] ?? '';

/** Begins them and waits for the first bytes of each. */
export async function startPacedDownloads(client: Host, addresses: readonly string[], lengthInSeconds: number) {
  const size = lengthInSeconds * bytesPerSecond;
  await must(['sh', '-c', `head -c ${size} /dev/urandom >${file}`]);
  const ended: string[] = [];
  for (const address of addresses) {
    const words = ['curl', '-sS', '-w', '%{http_code} %{size_download}\n', '-o', received(address)];
    client.start([...words, `http://${address}/paced`], (line) => ended.push(line));
  }
  /** How much has arrived of each. */
  const bytes = async (): Promise<readonly number[]> => {
    const { stdout } = await client.run(['stat', '-c', '%s', ...addresses.map(received)]);
    return stdout.trim().split('\n').map(Number);
  };
  const all = async (more: (now: readonly number[]) => boolean): Promise<readonly number[] | undefined> => {
    const now = await bytes();
    return now.length === addresses.length && more(now) ? now : undefined;
  };
  await until('the downloads', 20_000, () => all((now) => now.every((each) => each > 0)));
  return {
    bytes,
    /** Waits for more of every download; gives what has arrived then, or undefined where one does not go on. */
    goOn: async (limitMs: number): Promise<readonly number[] | undefined> => {
      const before = await bytes();
      const more = () => all((now) => now.every((each, index) => each > (before[index] ?? 0)));
      return until('more of the downloads', limitMs, more).catch(() => undefined);
    },
    /** Waits for the end: what curl says of each, and whether the digests are the file's. */
    finish: async (limitMs: number) => {
      await until('the end of the downloads', limitMs, () => ended.length >= addresses.length);
      const sent = await digestOf(must(['sha256sum', file]));
      const got = await Promise.all(
        addresses.map((address) => digestOf(client.must(['sha256sum', received(address)]))),
      );
      return { size, said: ended, same: got.map((each) => each === sent) };
    },
  };
}
