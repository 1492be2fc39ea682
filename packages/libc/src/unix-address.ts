// Names of Unix sockets as the kernel takes them (unix(7)).
import type { Koffi } from './load-koffi.ts';

/** `struct sockaddr_un`, and how many of its bytes count. */
export type UnixAddress = {
  readonly value: { readonly sun_family: number; readonly sun_path: Uint8Array };
  readonly length: number;
};

const familyBytes = 2;
const pathBytes = 108;

/** Declares `struct sockaddr_un`. */
export const declareUnixAddress = (koffi: Koffi): ReturnType<Koffi['struct']> =>
  koffi.struct({ sun_family: 'uint16_t', sun_path: koffi.array('uint8_t', pathBytes, 'Typed') });

/** The address of a path, or of an abstract name where the first character is `@`; undefined where it is too long. */
export function unixAddress(family: number, path: string): UnixAddress | undefined {
  const abstract = path.startsWith('@');
  const name = Buffer.from(abstract ? `\0${path.slice(1)}` : `${path}\0`);
  if (name.length > pathBytes) return undefined;
  const sunPath = new Uint8Array(pathBytes);
  sunPath.set(name);
  return { value: { sun_family: family, sun_path: sunPath }, length: familyBytes + name.length };
}
