// What an emulated machine may take beyond what the rules say. Figures are the benchmarks' business.

/** A host that emulates at half the usual pace, and a stall that makes a router judge silence anew (ms). */
export const withPatience = (ms: number): number => 2 * ms + 3000;
