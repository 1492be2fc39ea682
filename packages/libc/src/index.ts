export * from './packet-socket.ts';
export * from './unix-datagram.ts';
