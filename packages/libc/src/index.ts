export { hasAccessList } from './access-list.ts';
export { forbidCoreDumps } from './core-dumps.ts';
export * from './descriptor-limit.ts';
export type { DatagramRules, TtlRule, WantedDatagrams } from './datagram-filter.ts';
export { cutTo } from './datagram-filter.ts';
export * from './packet-socket.ts';
export * from './udp-socket.ts';
export * from './unix-datagram.ts';
