// The kernel's own listing of its table, as far as the benchmark reads it.

/** How an address and port stand there: `0A024001:0050`. */
export function listedAs(address: string, port: number): string {
  const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0');
  const bytes = address.split('.').map((byte) => hex(Number(byte), 2));
  return `${bytes.join('')}:${hex(port, 4)}`;
}

/** The address of the first real server of a listing. */
export function firstServer(listing: string): string | undefined {
  const digits = /^ {2}-> ([0-9A-F]{8}):/m.exec(listing)?.[1];
  return digits?.replaceAll(/../g, (byte) => `${parseInt(byte, 16)}.`).slice(0, -1);
}

/** Whether a listing has a real server. */
export const lists = (listing: string, server: string): boolean => listing.includes(`  -> ${server} `);
