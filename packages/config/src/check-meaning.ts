// Warnings of what can be run and surely is not meant.
import { isAllUdp } from './assemble.ts';
import type { Place, Report } from './diagnostic.ts';
import { quoted } from './diagnostic.ts';
import type { Draft, DraftVirtual } from './draft-blocks.ts';
import { isActive } from './draft-blocks.ts';

/** Warns about active blocks. */
export function checkMeaning(draft: Draft, report: Report): void {
  const active = draft.virtuals.filter(isActive);
  for (const virtual of active) {
    checkServers(virtual, report);
    checkCheck(virtual, report);
  }
  checkUdp(draft, active, report);
}

function checkServers({ name, place, values, servers, bad }: DraftVirtual, report: Report): void {
  const active = servers.filter((server) => server.values.active || server.bad.has('active'));
  if (active.length === 0 && !bad.has('active')) {
    const nobody = values.sorry_server === undefined ? 'it serves nobody' : 'the sorry server alone serves';
    report.warning(place, 'no-servers', `the active virtual block ${quoted(name)} has no active server: ${nobody}`);
  }
  for (const server of active) {
    if (server.values.weight !== 0 || server.bad.has('weight')) continue;
    const at = server.given.get('weight')?.value ?? server.place;
    const message = `server ${quoted(server.name)} has weight 0: it gets no new connections`;
    report.warning(at, 'zero-weight', message, 'active = 0 takes it out; the original counted 0 as 1');
  }
}

/** What would really check these services. */
const realChecks: Readonly<Record<string, string>> = {
  'tcp 25': 'expect = "220"',
  'tcp 53': 'send_program = "/usr/bin/dig +tcp +time=2 +tries=1 @%h -p %p NAME"',
  'udp 53': 'send_program = "/usr/bin/dig +time=2 +tries=1 @%h -p %p NAME"',
  'tcp 443': 'send_program = "/usr/bin/curl -fsk -m 5 -o /dev/null https://%h:%p/"',
  'tcp 3306': 'send_program = "/usr/bin/mysqladmin -h %h -P %p ping"',
};

function checkCheck(virtual: DraftVirtual, report: Report): void {
  const { values, bad, servers, place, given, name } = virtual;
  if (values.use_regex && values.expect === undefined && !bad.has('expect')) {
    const at = given.get('use_regex')?.value ?? place;
    report.warning(at, 'no-expect', 'use_regex has no effect without expect');
  }
  if (judgesAnswers(virtual)) return;
  for (const port of new Set(servers.filter(isActive).map((server) => server.port))) {
    const better = realChecks[`${values.protocol} ${port ?? ''}`];
    if (better === undefined || port === undefined) continue;
    const what = values.protocol === 'tcp' ? 'accepts a connection' : 'does not refuse a datagram';
    const message = `virtual ${quoted(name)}: a server counts as good as long as it ${what} on port ${port}`;
    report.warning(place, 'connect-only', message, `a real check is: ${better}`);
  }
}

/** Whether a check looks at more than a connection, or it is not known what it does. */
function judgesAnswers({ values, bad, port }: DraftVirtual): boolean {
  const { send, expect, send_program: program, protocol } = values;
  if (['expect', 'send_program', 'protocol'].some((key) => bad.has(key))) return true;
  // Of a web server on port 80 a page is asked for.
  const asksForPage = port === 80 && protocol === 'tcp' && send === undefined && expect === undefined;
  return asksForPage || program !== undefined || (expect ?? '') !== '';
}

const waysOut = [
  'expire_nodest_conn = 1 lets them go to another server at once, but also ends TCP connections to a server that left for a moment',
  'ops = 1 schedules each packet for itself, not with nat and without keeping a client at its server',
  'a shorter udp_timeout shortens the wait, and forgets quiet exchanges sooner',
].join('; ');

/** The kernel goes on sending known clients to a server that left, until it forgets them. */
function checkUdp(draft: Draft, active: readonly DraftVirtual[], report: Report): void {
  const { values, bad } = draft.global;
  if (values.expire_nodest_conn !== undefined || bad.has('expire_nodest_conn')) return;
  const udp = active.filter(
    (virtual) => virtual.values.protocol === 'udp' && !virtual.values.ops && !virtual.bad.has('ops'),
  );
  const [first] = udp;
  if (first === undefined) return;
  if (isAllUdp(draft)) {
    const message = 'expire_nodest_conn counts as 1, for all active services are UDP: with one of TCP it would be 0';
    report.warning(protocolOf(first), 'stale-udp', message, 'write expire_nodest_conn = 1 to keep it');
    return;
  }
  const wait = values.udp_timeout === 0 ? 'udp_timeout, 300 s by default' : `udp_timeout, ${values.udp_timeout} s`;
  for (const virtual of udp) {
    const message = `clients of ${quoted(virtual.name)} that keep their source port get no answer for up to ${wait}, when their server left the table`;
    report.warning(protocolOf(virtual), 'stale-udp', message, waysOut);
  }
}

const protocolOf = ({ given, place }: DraftVirtual): Place => given.get('protocol')?.value ?? place;
