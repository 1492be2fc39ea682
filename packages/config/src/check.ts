// Rules between keys. Those between blocks bind active ones alone; those on addresses are in check-addresses.ts.
import { seconds } from '@piranha/domain';
import { forwardingOf } from './forwarding.ts';
import { checkMeaning } from './check-meaning.ts';
import type { ForwardingMethod } from './configuration.ts';
import type { Place, Report } from './diagnostic.ts';
import { lenient, quoted } from './diagnostic.ts';
import type { Draft, DraftServer, DraftVirtual } from './draft-blocks.ts';
import { isActive } from './draft-blocks.ts';
import { checkEffects } from './effect.ts';
import { hasPartner } from './inert.ts';
import type { AnySettings } from './settings.ts';

/** Checks all rules that need no host name looked up. */
export function checkDraft(draft: Draft, report: Report): void {
  checkTimers(draft, report);
  checkPartner(draft, report);
  checkPrivateChannel(draft, report);
  checkKeys(draft.global, report);
  checkGlobals(draft, report);
  checkEffects('global', draft.global, report);
  for (const virtual of draft.virtuals) checkServiceNames(virtual, report);
  for (const virtual of draft.virtuals.filter(isActive)) checkVirtual(virtual, draft.global.values.network, report);
  checkMeaning(draft, report);
  const isUnused = draft.global.values.service === 'lvs';
  for (const failover of draft.failovers) checkServiceNames(failover, isUnused ? lenient(report) : report);
  const [unused] = draft.failovers;
  if (unused !== undefined && isUnused) {
    const message = 'failover blocks have no effect with service = lvs';
    report.warning(unused.place, 'unused-failover', message);
  }
}

/** Where the value of the first of some keys that the block has stands. */
const placeOf = (settings: AnySettings, otherwise: Place, ...keys: readonly string[]): Place =>
  keys.map((key) => settings.given.get(key)?.value).find((place) => place !== undefined) ?? otherwise;

/** Whether none of these values was refused. */
const usable = (settings: AnySettings, ...keys: readonly string[]): boolean =>
  keys.every((key) => !settings.bad.has(key));

/** What lvs needs, with ease, to take the floating addresses down before the partner raises them. */
const takeDownBudget = seconds(0.5);

const wholeFile: Place = { line: 1, column: 1 };

function checkTimers({ global }: Draft, report: Report): void {
  const { keepalive, deadtime } = global.values;
  if (!usable(global, 'keepalive', 'deadtime')) return;
  const place = placeOf(global, wholeFile, 'deadtime', 'keepalive');
  const named = `deadtime (${deadtime / 1000} s)`;
  if (keepalive >= deadtime) {
    // A router without a partner sends no heartbeats.
    const complain = hasPartner(global) ? report.error : report.warning;
    complain(place, 'timers', `${named} must be longer than keepalive (${keepalive / 1000} s)`);
  } else if (hasPartner(global) && deadtime < 2 * keepalive + takeDownBudget) {
    const message = `${named} is shorter than two keepalives and half a second: one lost heartbeat is a takeover`;
    report.warning(place, 'timers', message);
  }
}

function checkPartner({ global }: Draft, report: Report): void {
  const { primary, backup, backup_active: partner } = global.values;
  const at = (key: string): Place => placeOf(global, wholeFile, key);
  if (partner && backup === undefined && usable(global, 'backup')) {
    report.warning(at('backup_active'), 'no-backup', 'there is no backup address: backup_active counts as 0');
  }
  if (partner && backup !== undefined && primary === undefined && usable(global, 'primary')) {
    // Each router would otherwise take itself for the only one.
    report.error(at('backup_active'), 'no-primary', 'backup_active = 1 needs the address of the primary');
  }
  if (backup !== undefined && !global.given.has('backup_active')) {
    const message = 'backup has no effect without backup_active: this router is the only one';
    report.warning(at('backup'), 'backup-unused', message, 'write backup_active = 1, or 0 if that is meant');
  }
}

function checkPrivateChannel({ global }: Draft, report: Report): void {
  const { primary, primary_private: ours, backup_private: theirs } = global.values;
  const at = (key: string): Place => placeOf(global, wholeFile, key);
  if (!usable(global, 'primary', 'primary_private', 'backup_private')) return;
  if (ours === undefined && theirs !== undefined) {
    const message = 'backup_private has no effect without primary_private: there is no private channel';
    report.warning(at('backup_private'), 'private-channel', message);
  }
  if (ours !== undefined && ours !== primary && theirs === undefined) {
    const message = 'primary_private needs backup_private: there is no private channel without it';
    // Without a partner no heartbeat is sent anywhere.
    const complain = hasPartner(global) ? report.error : report.warning;
    complain(at('primary_private'), 'private-channel', message);
  }
}

/** Whether heartbeats are signed, and with what. */
function checkKeys(global: Draft['global'], report: Report): void {
  const { heartbeat_auth: auth, heartbeat_key_file: keyFile, heartbeat_second_key_file: second } = global.values;
  const at = (key: string): Place => placeOf(global, wholeFile, key);
  if (keyFile !== undefined && keyFile === second) {
    const message = 'heartbeat_second_key_file names the same file as heartbeat_key_file';
    report.warning(at('heartbeat_second_key_file'), 'no-effect', message, 'name the other key, or remove the line');
  }
  if (keyFile !== undefined || !usable(global, 'heartbeat_key_file')) return;
  const ofPair = hasPartner(global) ? report : lenient(report);
  if (auth !== undefined && auth !== 'off') {
    ofPair.error(at('heartbeat_auth'), 'no-key-file', `heartbeat_auth = ${auth} needs heartbeat_key_file`);
  }
  if (hasPartner(global) && auth === undefined) {
    const message = 'heartbeats are not signed: whoever can send to this router can take the service away';
    const hint = '`lvsctl key new` makes a key; heartbeat_auth = off says that none is wanted';
    report.warning(at('backup_active'), 'no-key', message, hint);
  }
  if (second !== undefined) {
    const message = 'heartbeat_second_key_file needs heartbeat_key_file: nothing is signed without it';
    ofPair.error(at('heartbeat_second_key_file'), 'no-key-file', message);
  }
}

function checkGlobals({ global, heartbeatPort }: Draft, report: Report): void {
  const { monitor_links: links } = global.values;
  const at = (key: string): Place => placeOf(global, wholeFile, key);
  const ofPair = hasPartner(global) ? report : lenient(report);
  if (links !== 0 && links !== 1) {
    report.warning(at('monitor_links'), 'not-a-switch', `monitor_links = ${links} counts as 1`, 'write 1 or 0');
  }
  if (heartbeatPort === undefined) unknownService(global, ofPair);
}

/** A name that stands for no port. */
function unknownService(settings: AnySettings, report: Report, key = 'heartbeat_port'): void {
  const message = `${key}: ${quoted(String(settings.values[key]))} is neither a port nor a service of /etc/services`;
  report.error(placeOf(settings, wholeFile, key), 'unknown-service', message);
}

function checkServiceNames(virtual: DraftVirtual, fileReport: Report): void {
  const report = isActive(virtual) ? fileReport : lenient(fileReport);
  if (virtual.port === undefined && usable(virtual, 'port')) unknownService(virtual, report, 'port');
  if (virtual.port === undefined) return;
  const portless = virtual.servers.filter((server) => server.port === undefined && usable(server, 'port'));
  for (const { place, name, values } of portless) {
    const message = `server ${quoted(name)} copies the port before it, which is not known`;
    (values.active ? report : lenient(report)).error(place, 'unknown-service', message);
  }
}

function checkVirtual(virtual: DraftVirtual, network: ForwardingMethod, report: Report): void {
  const { values, place, name } = virtual;
  checkEffects('virtual', virtual, report);
  if (values.address?.host === undefined && usable(virtual, 'address')) {
    const at = placeOf(virtual, place, 'address');
    report.error(at, 'no-address', `the active virtual block ${quoted(name)} has no address`);
  }
  checkPort(virtual, report);
  checkScheduling(virtual, report);
  if (values.reentry === 0) {
    report.warning(placeOf(virtual, place, 'reentry'), 'reentry', 'reentry = 0 means 180 seconds');
  }
  for (const server of virtual.servers.filter(isActive)) checkServer(server, virtual, network, report);
}

function checkPort(virtual: DraftVirtual, report: Report): void {
  const { values, place, port } = virtual;
  if (port === 0 && values.fwmark === 0 && values.persistent === 0 && usable(virtual, 'fwmark', 'persistent')) {
    const at = placeOf(virtual, place, 'port');
    report.error(at, 'zero-port', 'port 0 stands for every port and needs persistent');
  }
  if (values.pmask !== undefined && values.persistent === 0 && usable(virtual, 'persistent')) {
    report.warning(placeOf(virtual, place, 'pmask'), 'no-persistence', 'pmask has no effect without persistent');
  }
}

function checkScheduling(virtual: DraftVirtual, report: Report): void {
  const { values, place } = virtual;
  const foreign = values.sched_flags.find((flag) => /^[sm]h-/.test(flag) && !flag.startsWith(`${values.scheduler}-`));
  if (foreign !== undefined && usable(virtual, 'scheduler')) {
    const message = `${foreign} is no flag of the scheduler ${values.scheduler}`;
    report.error(placeOf(virtual, place, 'sched_flags'), 'scheduler-flags', message);
  }
  if (values.ops && values.fwmark === 0 && values.protocol !== 'udp' && usable(virtual, 'protocol', 'fwmark')) {
    report.error(placeOf(virtual, place, 'ops'), 'one-packet', 'ops needs protocol = udp');
  }
}

function checkServer(server: DraftServer, virtual: DraftVirtual, network: ForwardingMethod, report: Report): void {
  const { values, place, name } = server;
  checkEffects('server', server, report);
  if (values.address === undefined && usable(server, 'address')) {
    report.error(placeOf(server, place, 'address'), 'no-address', `the active server ${quoted(name)} has no address`);
  }
  if (values.lower > values.upper && usable(server, 'lower', 'upper')) {
    report.error(placeOf(server, place, 'lower'), 'thresholds', 'lower must not be above upper');
  }
  if (usable(server, 'network') && usable(virtual, 'network')) {
    const method = forwardingOf(server, virtual, network);
    checkServerPort(server, virtual, method, report);
    if (virtual.values.ops && method === 'nat') {
      const message = `with ops the answers of server ${quoted(name)} are not translated back: use direct or tunnel`;
      report.warning(place, 'one-packet', message);
    }
  }
}

function checkServerPort(server: DraftServer, virtual: DraftVirtual, method: ForwardingMethod, report: Report): void {
  const { place, port, name } = server;
  if (port === undefined || virtual.port === undefined) return;
  if (port !== virtual.port && !server.given.has('port')) {
    const message = `server ${quoted(name)} uses port ${port}, not ${virtual.port}`;
    report.warning(place, 'port-order', message, 'the port line of the virtual block stands after the server');
  }
  if (virtual.values.fwmark !== 0 || virtual.port === 0) checkPortAmongSeveral(server, virtual, method, report);
  else if (port !== virtual.port) checkOtherPort(server, virtual, method, report);
}

/** A service of one port, and a server of another. */
function checkOtherPort(server: DraftServer, virtual: DraftVirtual, method: ForwardingMethod, report: Report): void {
  const { place, port } = server;
  const at = placeOf(server, place, 'port');
  if (port === 0) report.error(at, 'zero-port', 'a server has port 0 only where its virtual server has');
  else if (method !== 'nat' && !server.onRouter) {
    const message = `with ${method} packets keep their port ${virtual.port}: port ${port} is only checked`;
    report.warning(at, 'port-not-forwarded', message);
  }
}

/** A service that gathers packets for several ports: that of a server is for its checks. */
function checkPortAmongSeveral(
  server: DraftServer,
  virtual: DraftVirtual,
  method: ForwardingMethod,
  report: Report,
): void {
  const { place, port, name } = server;
  const { fwmark, persistent, send_program: program } = virtual.values;
  const at = placeOf(server, place, 'port');
  if (port === 0 && program === undefined && usable(virtual, 'send_program')) {
    const message = `server ${quoted(name)} has no port at which it could be checked: it will never be in service`;
    report.warning(at, 'zero-port', message, 'give it a port, or send_program');
  } else if (fwmark !== 0 && persistent > 0 && method === 'nat' && server.given.has('port')) {
    const message = `with persistent marked packets keep their ports: port ${port} is only checked`;
    report.warning(at, 'port-not-forwarded', message);
  }
}
