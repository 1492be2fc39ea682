// Packet filters: marks that nobody sets, heartbeats that nobody lets in.
import type { Configuration, VirtualServer } from '@piranha/config';
import { familyOf } from '@piranha/domain';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';
import type { Firewall } from './firewall.ts';
import { mayComeIn, mayMark } from './firewall.ts';
import type { Packet } from './match.ts';
import { heartbeatOn, syncGroup, syncPackets, syncPort } from './packets.ts';
import type { Role } from './subjects.ts';
import { activeVirtuals, channelsOf, partnersOf } from './subjects.ts';

export const firewallFindings = (
  configuration: Configuration,
  facts: Facts,
  role: Role | undefined,
): readonly Finding[] => [
  ...marks(configuration, facts),
  ...heartbeats(configuration, facts, role),
  ...syncTalk(configuration, facts, role),
];

function marks(configuration: Configuration, facts: Facts): readonly Finding[] {
  const firewalls = allRules(facts);
  if (firewalls === undefined) return [];
  return activeVirtuals(configuration).flatMap((virtual) => {
    const { name, fwmark } = virtual;
    if (fwmark === undefined || firewalls.some((firewall) => mayMark(firewall, fwmark))) return [];
    const message = `no rule of nft or iptables sets firewall mark ${fwmark}: virtual server ${name} gets no packets`;
    return [finding('mark-not-set', message, markHint(virtual, fwmark))];
  });
}

function markHint({ vip, protocol, port }: VirtualServer, mark: number): string {
  const to = `${familyOf(vip.address) === 4 ? 'ip' : 'ip6'} daddr ${vip.address}`;
  const ports = port === 0 ? '' : ` ${protocol} dport ${port}`;
  return `a chain of nft with type filter, hook prerouting needs a rule such as: ${to}${ports} meta mark set ${mark}`;
}

/** Every rule there is; undefined where some could not be read. */
function allRules({ firewalls }: Facts): readonly Firewall[] | undefined {
  const reports = firewalls.flatMap(({ tool, firewall }) => (firewall === undefined ? [] : [{ tool, firewall }]));
  if (reports.length === 0 || reports.some(({ firewall }) => !firewall.ok)) return undefined;
  const read = reports.flatMap(({ tool, firewall }) => (firewall.ok ? [{ tool, firewall: firewall.value }] : []));
  // nft shows rules of iptables without their contents; then iptables has to show them.
  const foreign = read.some(({ firewall }) => firewall.foreign);
  const translated = read.some(({ tool, firewall }) => tool !== 'nft' && firewall.chains.length > 0);
  return foreign && !translated ? undefined : read.map(({ firewall }) => firewall);
}

function heartbeats(configuration: Configuration, facts: Facts, role: Role | undefined): readonly Finding[] {
  const { heartbeatPort: port } = configuration;
  const ends = channelsOf(configuration, role);
  const closed = ends.filter((each) => isClosed(facts, heartbeatOn(each, port, facts))).map(({ partner }) => partner);
  if (closed.length === 0) return [];
  const message = `the firewall drops heartbeats of the partner (${closed.join(', ')}, UDP port ${port})`;
  const hint = `nft add rule inet filter input ip saddr { ${closed.join(', ')} } udp dport ${port} accept; or the like for iptables`;
  return [finding('heartbeat-dropped', message, hint)];
}

const isClosed = ({ firewalls }: Facts, packet: Packet): boolean =>
  firewalls.some(({ firewall }) => firewall?.ok === true && !mayComeIn(firewall.value, packet));

/** The kernel's sync daemons say what they have to say to a group, and nobody answers. */
function syncTalk(configuration: Configuration, facts: Facts, role: Role | undefined): readonly Finding[] {
  const { syncDaemon } = configuration;
  const partners = partnersOf(configuration, role);
  if (syncDaemon === undefined || partners.length === 0) return [];
  if (!syncPackets(syncDaemon.device, partners, facts).every((packet) => isClosed(facts, packet))) return [];
  const message = `the firewall drops what the partner's kernel tells of connections (${syncGroup}, UDP port ${syncPort})`;
  const hint = `nft add rule inet filter input iifname ${syncDaemon.device} ip daddr ${syncGroup} udp dport ${syncPort} accept; or the like for iptables`;
  return [finding('sync-dropped', message, hint)];
}
