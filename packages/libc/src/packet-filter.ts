// The program by which the kernel leaves out frames before they reach a packet socket.
import type { FilterProgram } from './bpf.ts';
import { code, give, instruction, programOf } from './bpf.ts';

/** A byte that a frame must have at a place. */
export type WantedByte = { readonly at: number; readonly byte: number };

/** Lets frames through that have all of these bytes; at most 100 of them, for a jump is short. */
export function packetFilter(wanted: readonly WantedByte[]): FilterProgram {
  const tests = wanted.flatMap(({ at, byte }, index) => [
    instruction(code.loadByte, at),
    // Past the tests that are left, and past the instruction that gives the frame.
    instruction(code.ifEqual, byte, { otherwise: 2 * (wanted.length - index - 1) + 1 }),
  ]);
  return programOf([...tests, give.all, give.nothing]);
}
