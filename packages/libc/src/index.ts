export * from './descriptor-limit.ts';
export type { WantedDatagrams } from './datagram-filter.ts';
export * from './packet-socket.ts';
export * from './udp-socket.ts';
export * from './unix-datagram.ts';
