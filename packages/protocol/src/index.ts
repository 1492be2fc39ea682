export * from './datagram.ts';
export * from './interfaces.ts';
export { encodeLine } from './json.ts';
export * from './lines.ts';
export * from './lvs-command.ts';
export * from './lvs-message.ts';
export * from './nanny-command.ts';
export * from './nanny-message.ts';
export * from './send-arp-command.ts';
