// An lvs.cf before it is text: what may differ between two files, and how it is written down.
export type Family = 4 | 6;
export type Method = 'nat' | 'direct' | 'tunnel';

export type ServerBlock = {
  readonly name: string;
  readonly active: boolean;
  readonly address: number;
  /** Of the other IP version than its service: a tunnel alone carries that. */
  readonly crossing: boolean;
  readonly port: number | undefined;
  readonly weight: number;
  readonly network: Method | undefined;
  readonly upper: number;
  readonly lower: number;
};

export type VirtualBlock = {
  readonly name: string;
  readonly active: boolean;
  readonly family: Family;
  readonly address: number;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** The port stands behind the servers, which do not get it then. */
  readonly portLast: boolean;
  readonly fwmark: number;
  readonly scheduler: string;
  readonly flags: readonly string[];
  readonly ops: boolean;
  readonly persistent: number;
  readonly pmask: number;
  readonly network: Method | undefined;
  readonly sorry: number | undefined;
  readonly quiesce: boolean;
  readonly servers: readonly ServerBlock[];
};

export type File = {
  readonly network: Method;
  readonly style: 'plain' | 'dense' | 'crlf';
  readonly virtuals: readonly VirtualBlock[];
};

/** Few enough of everything that two files have services in common. Some are not in their shortest spelling. */
const vips: Readonly<Record<Family, readonly string[]>> = {
  4: ['10.0.0.1', '10.0.0.2'],
  6: ['fd00::1', '2001:DB8:0:0:1:0:0:1'],
};
const reals: Readonly<Record<Family, readonly string[]>> = {
  4: ['10.0.1.1', '10.0.1.2', '10.0.1.3', '127.0.0.1'],
  6: ['fd00:1::1', '2001:db8::', '2001:db8:0:1::7', '::5:6'],
};
const masks: Readonly<Record<Family, readonly string[]>> = {
  4: ['255.255.255.0', '255.0.0.0', '128.0.0.0', '255.255.255.255', '0.0.0.0'],
  6: ['64', '1', '127', '128', '60'],
};

const pick = (list: readonly string[], index: number): string => list[index % list.length] ?? '';

/** The file as an administrator could have written it. */
export function textOf({ network, style, virtuals }: File): string {
  const seen = new Set<string>();
  const text = [`network = ${network}`, ...virtuals.flatMap((each) => virtualLines(each, network, seen)), ''].join(
    '\n',
  );
  if (style === 'crlf') return text.replaceAll('\n', '\r\n');
  return style === 'dense' ? text.replaceAll(/^ +| (?==)|(?<==) /gm, '') : text;
}

/** Of two active services that are one the second is inactive. */
function virtualLines(virtual: VirtualBlock, globalNetwork: Method, seen: Set<string>): readonly string[] {
  const { family, fwmark, protocol, network } = virtual;
  const vip = pick(vips[family], virtual.address);
  const identity = fwmark === 0 ? `${vip} ${virtual.port} ${protocol}` : `${fwmark} ${family}`;
  const active = virtual.active && !seen.has(identity);
  if (active) seen.add(identity);
  const servers = serverLines(virtual, network ?? globalNetwork);
  const port = `  port = ${virtual.port}`;
  return [
    `virtual ${nameWord(virtual.name)} {`,
    `  active = ${Number(active)}`,
    `  address = ${vip} eth0:1`,
    `  protocol = ${protocol}`,
    ...(virtual.portLast ? [] : [port]),
    `  fwmark = ${fwmark}`,
    ...schedulingLines(virtual),
    ...given('network', network),
    ...given('sorry_server', virtual.sorry === undefined ? undefined : pick(reals[family], virtual.sorry)),
    `  quiesce_server = ${Number(virtual.quiesce)}`,
    ...servers,
    ...(virtual.portLast ? [port] : []),
    '}',
  ];
}

const given = (key: string, value: string | number | undefined): readonly string[] =>
  value === undefined ? [] : [`  ${key} = ${value}`];

const nameWord = (name: string): string => (/[\s"]/.test(name) ? `'${name}'` : name);

/** Only what goes together. */
function schedulingLines({ family, protocol, port, fwmark, ...virtual }: VirtualBlock): readonly string[] {
  const { scheduler } = virtual;
  const flags = virtual.flags.filter((flag) => !/^[sm]h-/.test(flag) || flag.startsWith(`${scheduler}-`));
  const persistent = port === 0 && fwmark === 0 ? Math.max(virtual.persistent, 60) : virtual.persistent;
  return [
    `  scheduler = ${scheduler}`,
    ...given('sched_flags', flags.length === 0 ? undefined : `"${flags.join(' ')}"`),
    `  ops = ${Number(virtual.ops && (protocol === 'udp' || fwmark !== 0))}`,
    `  persistent = ${persistent}`,
    `  pmask = ${pick(masks[family], virtual.pmask)}`,
  ];
}

const other = (family: Family): Family => (family === 4 ? 6 : 4);

/** On the router itself packets keep their port: with NAT another one is refused. */
function addressOf({ crossing, address }: ServerBlock, family: Family, method: Method): string {
  const real = pick(reals[crossing && method === 'tunnel' ? other(family) : family], address);
  return method === 'nat' ? real.replace('127.0.0.1', '10.0.1.4') : real;
}

function serverLines(virtual: VirtualBlock, network: Method): readonly string[] {
  const { family, fwmark } = virtual;
  const inherited = virtual.portLast ? 80 : virtual.port;
  const seen = new Set<string>();
  return virtual.servers.flatMap((server) => {
    const method = server.network ?? network;
    const address = addressOf(server, family, method);
    const port = server.port === 0 && virtual.port !== 0 ? undefined : server.port;
    const keepsPort = method !== 'nat' && fwmark === 0;
    const identity = `${address} ${keepsPort ? virtual.port : (port ?? inherited)}`;
    const active = server.active && !seen.has(identity);
    if (active) seen.add(identity);
    return [
      `  server ${nameWord(server.name)} {`,
      `    active = ${Number(active)}`,
      `    address = ${address}`,
      ...given('port', keepsPort ? undefined : port),
      `    weight = ${server.weight}`,
      ...given('network', server.network),
      `    upper = ${server.upper}`,
      `    lower = ${Math.min(server.lower, server.upper)}`,
      '  }',
    ];
  });
}
