export type { Facts, Fact } from './facts.ts';
export { findings } from './findings.ts';
export type { Finding, FindingCode } from './findings.ts';
export { gatherFacts } from './gather.ts';
export { unchecked } from './unchecked.ts';
export type { Unchecked } from './unchecked.ts';
