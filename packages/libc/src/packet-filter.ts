// A small program by which the kernel leaves out frames before they reach a socket (socket(7), SO_ATTACH_FILTER).

/** A byte that a frame must have at a place. */
export type WantedByte = { readonly at: number; readonly byte: number };

/** `struct sock_fprog`: how many instructions, and the instructions. */
export type FilterProgram = { readonly len: number; readonly filter: Uint8Array };

/** Of the classic BPF machine. */
const loadByte = 0x30;
const jumpIfEqual = 0x15;
const give = 0x06;
const wholeFrame = 0x4_0000;

/** Lets frames through that have all of these bytes; at most 100 of them, for a jump is short. */
export function packetFilter(wanted: readonly WantedByte[]): FilterProgram {
  const tests = wanted.flatMap(({ at, byte }, index) => [
    instruction(loadByte, at),
    // Past the tests that are left, and past the instruction that gives the frame.
    instruction(jumpIfEqual, byte, 2 * (wanted.length - index - 1) + 1),
  ]);
  const program = [...tests, instruction(give, wholeFrame), instruction(give, 0)];
  return { len: program.length, filter: Buffer.concat(program) };
}

/** `struct sock_filter`; x86-64 and arm64 both have the low byte first. */
function instruction(code: number, operand: number, skipOtherwise = 0): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(skipOtherwise, 3);
  bytes.writeUInt32LE(operand, 4);
  return bytes;
}
