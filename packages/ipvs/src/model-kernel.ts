// What the kernel makes of a batch: for tests and the simulator, which have no kernel.
import { assertNever } from '@piranha/domain';
import type { TableCommand } from './restore-lines.ts';
import type { Destination, Service, ServiceKey, Table } from './table.ts';
import { destinationKey, serviceKey } from './table.ts';

/** The table after all commands. Like the kernel's, a command that does not fit the table changes nothing. */
export const applyCommands = (table: Table, commands: readonly TableCommand[]): Table =>
  commands.reduce(applyCommand, table);

function applyCommand(table: Table, command: TableCommand): Table {
  const after = new Map(table);
  switch (command.type) {
    case 'add-service':
    case 'edit-service':
      writeService(after, command.service, command.type === 'edit-service');
      return after;
    case 'delete-service':
      after.delete(serviceKey(command.identity));
      return after;
    case 'add-destination':
    case 'edit-destination':
    case 'delete-destination':
      writeDestination(after, command);
      return after;
    default:
      return assertNever(command, 'table command');
  }
}

function writeService(table: Map<ServiceKey, Service>, service: Service, edit: boolean): void {
  const key = serviceKey(service.identity);
  const before = table.get(key);
  if ((before !== undefined) === edit) {
    table.set(key, { ...service, destinations: before?.destinations ?? new Map<never, Destination>() });
  }
}

function writeDestination(
  table: Map<ServiceKey, Service>,
  { type, identity, destination }: Extract<TableCommand, { destination: Destination }>,
): void {
  const service = table.get(serviceKey(identity));
  if (service === undefined) return;
  const destinations = new Map(service.destinations);
  const key = destinationKey(destination);
  if (type === 'delete-destination') destinations.delete(key);
  else if (destinations.has(key) === (type === 'edit-destination')) destinations.set(key, destination);
  table.set(serviceKey(identity), { ...service, destinations });
}
