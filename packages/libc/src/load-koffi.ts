// koffi calls C functions. It is loaded by the first socket that needs it: most programs never do.
import { createRequire } from 'node:module';
import type koffiPackage from 'koffi';

/** koffi's functions. */
export type Koffi = typeof koffiPackage;

/**
 * Loads koffi at once, so that a line that is logged just before the process ends still gets out. In a bundle koffi
 * lies beside the file itself, in the sources beside whatever started the process. Throws where it is not installed.
 */
export function loadKoffi(): Koffi {
  const beside = typeof __filename === 'string' ? __filename : (process.argv[1] ?? '/');
  try {
    return createRequire(beside)('koffi') as Koffi;
  } catch (cause) {
    throw new Error(`failed to load koffi for ${process.platform} ${process.arch}`, { cause });
  }
}
