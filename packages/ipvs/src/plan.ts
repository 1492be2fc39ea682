// What has to be done to turn the table that is into the table that should be.
import type { TableCommand } from './restore-lines.ts';
import { serviceWords } from './restore-lines.ts';
import type { Destination, Service, ServiceKey, Table } from './table.ts';

/**
 * The changes from `actual` to `wanted`, in order: additions, edits, deletions, so that no service is ever left without
 * its new servers. A service that is neither wanted nor in `owned` is somebody else's and is left alone.
 */
export function plan(actual: Table, wanted: Table, owned: ReadonlySet<ServiceKey>): readonly TableCommand[] {
  const services: TableCommand[] = [];
  const destinations = { added: [] as TableCommand[], edited: [] as TableCommand[], deleted: [] as TableCommand[] };
  const edited: TableCommand[] = [];
  for (const [key, service] of wanted) {
    const before = actual.get(key);
    if (before === undefined) services.push({ type: 'add-service', service });
    else if (serviceWords(before) !== serviceWords(service)) edited.push({ type: 'edit-service', service });
    planDestinations(before, service, destinations);
  }
  const deleted = [...actual]
    .filter(([key]) => owned.has(key) && !wanted.has(key))
    .map(([, { identity }]): TableCommand => ({ type: 'delete-service', identity }));
  const { added, edited: changed, deleted: removed } = destinations;
  return [...services, ...added, ...edited, ...changed, ...removed, ...deleted];
}

function planDestinations(
  before: Service | undefined,
  { identity, destinations }: Service,
  into: { added: TableCommand[]; edited: TableCommand[]; deleted: TableCommand[] },
): void {
  for (const [key, destination] of destinations) {
    const old = before?.destinations.get(key);
    if (old === undefined) into.added.push({ type: 'add-destination', identity, destination });
    else if (!alike(old, destination)) into.edited.push({ type: 'edit-destination', identity, destination });
  }
  for (const [key, destination] of before?.destinations ?? []) {
    if (!destinations.has(key)) into.deleted.push({ type: 'delete-destination', identity, destination });
  }
}

/** Thresholds that were not read are taken to be right. */
const alike = (actual: Destination, wanted: Destination): boolean =>
  actual.method === wanted.method &&
  actual.weight === wanted.weight &&
  alikeThresholds(actual.thresholds ?? wanted.thresholds, wanted.thresholds) &&
  actual.tunnel.join(' ') === wanted.tunnel.join(' ');

/** None at all is the same as zero. */
const alikeThresholds = (actual: Destination['thresholds'], wanted: Destination['thresholds']): boolean =>
  (actual?.upper ?? 0) === (wanted?.upper ?? 0) && (actual?.lower ?? 0) === (wanted?.lower ?? 0);
