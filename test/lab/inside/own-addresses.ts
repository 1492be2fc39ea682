// A router's own addresses: where they stand, and where its connections begin.
import type { Host } from './host.ts';

type Shown = { readonly local?: string; readonly secondary?: boolean; readonly label?: string };

/** The IPv4 addresses of a device in the kernel's order. */
export async function standing(host: Host, device: string): Promise<readonly Shown[]> {
  const shown = await host.must(['ip', '-j', '-4', 'address', 'show', 'dev', device]);
  return (JSON.parse(shown) as { addr_info: Shown[] }[]).flatMap(({ addr_info }) => addr_info);
}

export const has = async (host: Host, device: string, address: string): Promise<boolean> =>
  (await standing(host, device)).some(({ local }) => local === address);

/** Where connections of this router to a neighbour begin; nothing where there is no way to it. */
export async function sourceTo(host: Host, neighbour: string): Promise<string> {
  const { code, stdout } = await host.run(['ip', '-j', 'route', 'get', neighbour]);
  return code === 0 ? ((JSON.parse(stdout) as { prefsrc?: string }[])[0]?.prefsrc ?? '') : '';
}
