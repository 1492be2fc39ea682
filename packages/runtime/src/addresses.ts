// Floating addresses on this machine: raised, lowered and known by a file.
export { openAddressBatch } from './address-batch.ts';
export type { AddressBatch } from './address-batch.ts';
export type { Seen } from './address-changes.ts';
export { missing } from './rules/floating-addresses.ts';
export { raisedFile, raisedKnowledge } from './raised-file.ts';
export type { RaisedFile, RaisedKnowledge } from './raised-file.ts';
