// The classic BPF machine: small programs by which the kernel leaves out what a socket does not want (socket(7)).

/** `struct sock_fprog`: how many instructions, and the instructions. */
export type FilterProgram = { readonly len: number; readonly filter: Uint8Array };

/** Codes of instructions, as in `linux/bpf_common.h`. */
export const code = {
  loadWord: 0x20,
  loadByte: 0x30,
  loadLength: 0x80,
  ifEqual: 0x15,
  ifAtLeast: 0x35,
  ifBit: 0x45,
  give: 0x06,
} as const;

/** From here on a place is one in the network header, whatever the socket sees as its first byte. */
export const networkHeader = -0x10_0000;

/** The number of the device by which a frame came in (`SKF_AD_OFF + SKF_AD_IFINDEX` of `linux/filter.h`). */
export const deviceIndex = -0x1000 + 8;

/** More than any frame has: all of it. */
const wholeFrame = 0x4_0000;

/** What is left to do with a frame in the end. */
export const give = { all: instruction(code.give, wholeFrame), nothing: instruction(code.give, 0) } as const;

/** How many instructions are skipped where a test holds, and otherwise. */
type Skips = { readonly then?: number; readonly otherwise?: number };

/** `struct sock_filter`; x86-64 and arm64 both have the low byte first. */
export function instruction(what: number, operand: number, { then = 0, otherwise = 0 }: Skips = {}): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(what, 0);
  bytes.writeUInt8(then, 2);
  bytes.writeUInt8(otherwise, 3);
  bytes.writeUInt32LE(operand >>> 0, 4);
  return bytes;
}

/** The program of these instructions. */
export const programOf = (instructions: readonly Buffer[]): FilterProgram => ({
  len: instructions.length,
  filter: Buffer.concat(instructions),
});
