// What `--version` prints.

/** The release; every program of the suite has the same. */
export const release = '0.2.0';

/** One line for `--version`. */
export const version = (program: string): string => `${program} (piranha-lvs) ${release}`;
