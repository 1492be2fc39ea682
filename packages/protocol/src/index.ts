export * from './datagram.ts';
export { encodeLine } from './json-line.ts';
export * from './lines.ts';
export * from './lvs-command.ts';
export * from './lvs-message.ts';
export * from './nanny-command.ts';
export * from './nanny-message.ts';
export * from './send-arp-command.ts';
