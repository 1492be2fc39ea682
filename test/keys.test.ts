// Every key of lvs.cf has a consequence that is seen here, or is said to have none.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { LoadedConfiguration, Scope } from '@piranha/config';
import { configurationFromText, keysOf } from '@piranha/config';
import type { Instant } from '@piranha/domain';
import { instant } from '@piranha/domain';
import type { Health } from '@piranha/ipvs';
import { doubled, emptyTable, firstRamp, plan, restoreLine, serverId, wantedTable, weighingOf } from '@piranha/ipvs';
import * as lvs from '@piranha/lvs/step';
import type { Trailer } from '@piranha/protocol';
import { channelsOf, pulseSettings } from '@piranha/pulse/settings';
import * as pulse from '@piranha/pulse/step';

/** A file that has a key, the same without it, what is looked at in both, and what is seen where the key is. */
type Row = {
  readonly without: string;
  readonly given: string;
  readonly consequence: (loaded: LoadedConfiguration) => unknown;
  readonly seen: unknown;
};

/** Another test that fails when the key is ignored: a file and the name of the test in it. */
type Elsewhere = { readonly file: string; readonly test: string };

function load(text: string): LoadedConfiguration {
  const loaded = configurationFromText('lvs.cf', text, {});
  if (!loaded.ok) throw new Error(loaded.error.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return loaded.value;
}

const server = (...lines: readonly string[]): string =>
  ['server s {', 'address = 10.0.1.1', 'active = 1', ...lines, '}'].join('\n');
const virtual = (...lines: readonly string[]): string =>
  ['virtual v {', 'address = 10.0.0.1 eth0:1', 'active = 1', ...lines, '}', ''].join('\n');

/** The lines of the table once all servers were found as `word` says, having been good before. */
const table =
  (word: Health) =>
  ({ configuration }: LoadedConfiguration): readonly string[] => {
    const health = (now: Health): Map<string, Health> =>
      new Map(configuration.virtualServers.flatMap((v) => v.servers.map((s) => [serverId(v, s), now] as const)));
    const before = wantedTable(configuration, health('up'), emptyTable);
    return plan(emptyTable, wantedTable(configuration, health(word), before), new Set()).map(restoreLine);
  };
const allUp = table('up');
const allDown = table('down');
/** The weight that a server of weight 64 gets when it comes up, after 5 s, and after 10 s. */
function firstWeights({ configuration }: LoadedConfiguration): readonly number[] {
  const [weighing] = configuration.virtualServers.flatMap((v) =>
    v.servers.map((s) => weighingOf(v, { ...s, weight: 64 })),
  );
  if (weighing === undefined) throw new Error('no server');
  const ramps = [firstRamp(weighing, instant(0))];
  for (const now of [instant(5000), instant(10_000)]) {
    const last = ramps.at(-1);
    if (last !== undefined) ramps.push(last.doubleAt <= now ? doubled(last, weighing, now) : last);
  }
  return ramps.map(({ weight }) => weight);
}
const serverLine = (loaded: LoadedConfiguration): string | undefined => allUp(loaded)[1];

/** What lvs orders when it gets this file and is told its role. */
const orders =
  (role: 'active' | 'standby') =>
  ({ configuration, digest }: LoadedConfiguration): readonly lvs.LvsAction[] => {
    const at = instant(0);
    const configured = lvs.step(lvs.initialState, { type: 'configured', at, configuration, digest });
    return lvs.step(
      { ...configured.state, keeper: { ...configured.state.keeper, running: undefined } },
      { type: 'tick', at, role, term: 1 },
    ).actions;
  };

const checks = (loaded: LoadedConfiguration) =>
  orders('active')(loaded).flatMap((action) =>
    action.type === 'command-nanny'
      ? action.commands.flatMap((each) => (each.type === 'watch' ? [each.check] : []))
      : [],
  );
const check =
  (...fields: readonly (keyof ReturnType<typeof checks>[number])[]) =>
  (loaded: LoadedConfiguration): unknown =>
    fields.map((field) => checks(loaded)[0]?.[field]);

const nannies =
  (role: 'active' | 'standby') =>
  (loaded: LoadedConfiguration): number =>
    orders(role)(loaded).filter((action) => action.type === 'start-nanny').length;

const ipvsadmRuns = ({ configuration, digest }: LoadedConfiguration) => {
  const at = instant(0);
  const { state } = lvs.step(lvs.initialState, { type: 'started-by-hand', at });
  return lvs
    .step(state, { type: 'configured', at, configuration, digest })
    .actions.flatMap((action) => (action.type === 'work-on-table' ? [action] : []));
};
const timeouts = (loaded: LoadedConfiguration): unknown => ipvsadmRuns(loaded)[0]?.timeouts;
const kernelSetting =
  (name: keyof LoadedConfiguration['configuration']['ipvsSettings']) =>
  (loaded: LoadedConfiguration): unknown =>
    ipvsadmRuns(loaded)[0]?.settings?.[name];

/** When a backup that hears nothing sends, and when it takes over: seconds after its start. */
function pulseAlone(loaded: LoadedConfiguration) {
  let state = pulse.initialState(pulseSettings(loaded, 'backup'), 1n);
  let now: Instant = instant(0);
  const [sent, tookOver]: [number[], number[]] = [[], []];
  const give = (event: Parameters<typeof pulse.step>[1]): void => {
    const next = pulse.step(state, event);
    state = next.state;
    for (const action of next.actions) {
      if (action.type === 'send') sent.push(now / 1000);
      if (action.type === 'tick-lvs' && action.role === 'active' && tookOver.length === 0) tookOver.push(now / 1000);
    }
  };
  give({ type: 'started', at: now, force: false, adopted: undefined });
  while (pulse.nextDeadline(state) <= 20_000) {
    now = pulse.nextDeadline(state);
    give({ type: 'clock', at: now });
  }
  return { sent, tookOver };
}
const firstSent = (loaded: LoadedConfiguration): unknown => pulseAlone(loaded).sent.slice(0, 3);
const tookOver = (loaded: LoadedConfiguration): unknown => pulseAlone(loaded).tookOver;

const settingOf =
  (name: keyof ReturnType<typeof pulseSettings>) =>
  (loaded: LoadedConfiguration): unknown =>
    pulseSettings(loaded, 'primary')[name];

/** What a primary says while its partner is active and all is well, until it asks for the service: seconds. */
function asksAfter(loaded: LoadedConfiguration): number | undefined {
  let state = pulse.initialState(pulseSettings(loaded, 'primary'), 1n);
  const said = { ...partnerWords, active: true, digest: loaded.digest };
  for (let second = 0; second <= 20; second += 1) {
    const at = instant(1000 * second);
    const event: pulse.PulseEvent =
      second === 0
        ? { type: 'started', at, force: false, adopted: undefined }
        : {
            ...{ type: 'datagram', at, channel: 'public' },
            datagram: { type: 'pair', trailer: { ...said, sequence: BigInt(second) }, signature: 'unchecked' },
          };
    for (let next = pulse.nextDeadline(state); next < at; next = pulse.nextDeadline(state)) {
      state = pulse.step(state, { type: 'clock', at: next }).state;
    }
    const stepped = pulse.step(state, event);
    state = stepped.state;
    if (stepped.actions.some((action) => action.type === 'send' && action.trailer.want)) return second;
  }
  return undefined;
}

const partnerWords: Trailer = {
  ...{ kind: 'heartbeat', active: false, hears: true, leaving: false, given: false, want: false, held: false },
  ...{ class: 2, living: undefined, term: 4, session: 5n, echo: 1n, sequence: 0n, digest: '' },
};

/** What a router says of itself once its public link was read as down twice. */
function classWithoutLink(loaded: LoadedConfiguration): number | undefined {
  const links = { public: 'down', private: undefined } as const;
  const events: readonly pulse.PulseEvent[] = [
    { type: 'started', at: instant(0), force: false, adopted: undefined },
    ...[1, 2].map((ms) => ({ type: 'links', at: instant(ms), links }) as const),
    { type: 'clock', at: instant(2000) },
  ];
  let state = pulse.initialState(pulseSettings(loaded, 'primary'), 1n);
  const classes: number[] = [];
  for (const event of events) {
    const next = pulse.step(state, event);
    state = next.state;
    classes.push(...next.actions.flatMap((action) => (action.type === 'send' ? [action.trailer.class] : [])));
  }
  return classes.at(-1);
}

const channels = ({ configuration }: LoadedConfiguration): unknown =>
  channelsOf(configuration, 'primary').map(({ name, own, partner }) => `${name} ${own} ${partner}`);
const floating = (loaded: LoadedConfiguration): unknown =>
  pulseSettings(loaded, 'primary').addresses.map(
    ({ address, device, prefix }) => `${address} ${device} ${prefix ?? ''}`,
  );

const pair = 'primary = 10.1.0.2\nbackup = 10.1.0.3\nbackup_active = 1\n';
const channel = 'primary_private = 10.2.0.2\nbackup_private = 10.2.0.3\n';
const hands = 'packages/pulse/src/perform.test.ts';
const lab = 'test/lab/services.test.ts';
const syncTest = {
  file: hands,
  test: 'both sync daemons are started with interface and id of the file',
};
const hookTest = { file: hands, test: 'the commands of the file are run with their arguments, each at its own turn' };

/** A key outside of blocks: its line is added to a file. */
const global = (line: string, file: string, consequence: Row['consequence'], seen: unknown): Row => ({
  ...{ without: file, given: `${line}\n${file}`, consequence, seen },
});
/** A key of the pair: its line replaces one of a file that would not be valid without. */
const instead = (line: string, file: string, consequence: Row['consequence'], seen: unknown): Row => {
  const [key = ''] = line.split(' ');
  return { without: file, given: file.replace(new RegExp(`^${key} = .*$`, 'm'), line), consequence, seen };
};
/** A key of a virtual server with one real server. */
const inVirtual = (line: string, consequence: Row['consequence'], seen: unknown, ...more: readonly string[]): Row => ({
  ...{ without: virtual(...more, server()), given: virtual(line, ...more, server()), consequence, seen },
});
/** A key of a real server. */
const inServer = (line: string, consequence: Row['consequence'], seen: unknown, ...more: readonly string[]): Row => ({
  ...{ without: virtual(server(...more)), given: virtual(server(line, ...more)), consequence, seen },
});

const web = '-A -t 10.0.0.1:80 -s wlc';
const one = '-a -t 10.0.0.1:80 -r 10.0.1.1:80 -m -w 1';
const twoServers = virtual(server(), server().replace('10.0.1.1', '10.0.1.2'));

const rows: Readonly<Record<Scope, Readonly<Record<string, Row | Elsewhere>>>> = {
  global: {
    primary: instead('primary = 10.1.0.9', pair, channels, ['public 10.1.0.9 10.1.0.3']),
    backup: instead('backup = 10.1.0.9', pair, channels, ['public 10.1.0.2 10.1.0.9']),
    backup_active: instead('backup_active = 0', pair, channels, []),
    primary_private: instead('primary_private = 10.2.0.9', pair + channel, channels, [
      'public 10.1.0.2 10.1.0.3',
      'private 10.2.0.9 10.2.0.3',
    ]),
    backup_private: instead('backup_private = 10.2.0.9', pair + channel, channels, [
      'public 10.1.0.2 10.1.0.3',
      'private 10.2.0.2 10.2.0.9',
    ]),
    service: { file: 'test/process/pulse.test.ts', test: 'failover services are refused in one plain line' },
    network: global('network = direct', virtual(server()), allUp, [web, one.replace('-m', '-g')]),
    nat_router: global('nat_router = 10.2.0.1 eth1:1', virtual(), floating, ['10.0.0.1 eth0:1 ', '10.2.0.1 eth1:1 ']),
    nat_nmask: global('nat_nmask = 255.255.255.0', 'nat_router = 10.2.0.1 eth1:1\n', floating, ['10.2.0.1 eth1:1 24']),
    keepalive: global('keepalive = 1', pair, firstSent, [0, 1, 2]),
    deadtime: global('deadtime = 7', pair, tookOver, [7]),
    heartbeat_port: { file: lab, test: 'the heartbeat is on the port of the file' },
    heartbeat_key_file: global('heartbeat_key_file = /k', pair, settingOf('auth'), 'require'),
    heartbeat_auth: global('heartbeat_auth = accept', `${pair}heartbeat_key_file = /k\n`, settingOf('auth'), 'accept'),
    failback: global('failback = auto', pair, asksAfter, 1),
    failback_delay: global('failback_delay = 3', `failback = auto\n${pair}`, asksAfter, 4),
    monitor_links: global('monitor_links = 1', pair, classWithoutLink, 0),
    hot_standby: global('hot_standby = 1', virtual(server()), nannies('standby'), 1),
    max_nannies: global('max_nannies = 1', twoServers, nannies('active'), 1),
    syncdaemon: syncTest,
    syncd_iface: syncTest,
    syncd_id: syncTest,
    syncd_refresh: global(
      'syncd_refresh = 60',
      `syncdaemon = 1\n${virtual()}`,
      kernelSetting('sync_refresh_period'),
      60,
    ),
    tcp_timeout: global('tcp_timeout = 900', virtual(), timeouts, { tcp: 900, tcpFin: 0, udp: 0 }),
    tcpfin_timeout: global('tcpfin_timeout = 90', virtual(), timeouts, { tcp: 0, tcpFin: 90, udp: 0 }),
    udp_timeout: global('udp_timeout = 9', virtual(), timeouts, { tcp: 0, tcpFin: 0, udp: 9 }),
    expire_nodest_conn: global('expire_nodest_conn = 1', virtual(), kernelSetting('expire_nodest_conn'), 1),
    expire_quiescent_template: global(
      'expire_quiescent_template = 0',
      virtual(),
      kernelSetting('expire_quiescent_template'),
      0,
    ),
    conn_reuse_mode: global('conn_reuse_mode = 2', virtual(), kernelSetting('conn_reuse_mode'), 2),
    ipvsadm: global('ipvsadm = /opt/ipvsadm', virtual(), (loaded) => ipvsadmRuns(loaded)[0]?.ipvsadm, '/opt/ipvsadm'),
    active_cmd: hookTest,
    inactive_cmd: hookTest,
    rsh_command: global('rsh_command = "/opt/rsh -n"', virtual('load_monitor = uptime', server()), check('load'), [
      { program: ['/opt/rsh', '-n', '10.0.1.1', 'uptime'], every: 20_000, host: null },
    ]),
  },
  virtual: {
    active: {
      without: virtual().replace('active = 1', 'active = 0'),
      given: virtual(),
      consequence: allUp,
      seen: [web],
    },
    address: {
      without: virtual(server()),
      given: virtual(server()).replace('10.0.0.1 eth0:1', '10.0.0.9 eth0:9'),
      consequence: (loaded) => [floating(loaded), allUp(loaded)[0]],
      seen: [['10.0.0.9 eth0:9 '], '-A -t 10.0.0.9:80 -s wlc'],
    },
    vip_nmask: inVirtual('vip_nmask = 255.255.255.0', floating, ['10.0.0.1 eth0:1 24']),
    port: inVirtual('port = 81', allUp, [web.replace(':80', ':81'), one.replaceAll(':80', ':81')]),
    protocol: inVirtual('protocol = udp', allUp, [web.replace('-t', '-u'), one.replace('-t', '-u')]),
    fwmark: inVirtual('fwmark = 5', allUp, ['-A -f 5 -s wlc', expect.stringContaining('-a -f 5 -r 10.0.1.1')]),
    network: inVirtual('network = tunnel', allUp, [web, one.replace('-m', '-i')]),
    scheduler: inVirtual('scheduler = lc', allUp, ['-A -t 10.0.0.1:80 -s lc', one]),
    sched_flags: inVirtual(
      'sched_flags = sh-port',
      allUp,
      [`${web.replace('wlc', 'sh')} -b sh-port`, one],
      'scheduler = sh',
    ),
    ops: inVirtual('ops = 1', allUp, ['-A -u 10.0.0.1:80 -s wlc -o', one.replace('-t', '-u')], 'protocol = udp'),
    persistent: inVirtual('persistent = 60', allUp, [`${web} -p 60`, one]),
    pmask: inVirtual('pmask = 255.255.255.0', allUp, [`${web} -p 60 -M 255.255.255.0`, one], 'persistent = 60'),
    sorry_server: inVirtual('sorry_server = 10.0.9.9', allDown, [web, one.replace('10.0.1.1', '10.0.9.9')]),
    quiesce_server: inVirtual('quiesce_server = 1', allDown, [web, one.replace('-w 1', '-w 0')]),
    send: inVirtual('send = "QUIT"', check('send', 'expect'), ['QUIT', null]),
    expect: inVirtual('expect = "220"', check('send', 'expect'), [null, '220']),
    use_regex: inVirtual('use_regex = 1', check('useRegex'), [true], 'expect = "2.."'),
    send_program: inVirtual('send_program = "/bin/check %h"', check('program'), [['/bin/check', '%h']]),
    timeout: inVirtual('timeout = 3', check('timeout'), [3000]),
    reentry: inVirtual('reentry = 40', check('rise'), [4]),
    fall: inVirtual('fall = 3', check('fall'), [3]),
    slow_start: inVirtual('slow_start = 5', firstWeights, [2, 4, 8], 'timeout = 20'),
    load_monitor: inVirtual('load_monitor = rup', check('load'), [
      { program: ['rup', '10.0.1.1'], every: 20_000, host: null },
    ]),
  },
  server: {
    active: { without: virtual(server('active = 0')), given: virtual(server()), consequence: allUp, seen: [web, one] },
    address: inServer('address = 10.0.1.9', serverLine, one.replace('10.0.1.1', '10.0.1.9')),
    port: inServer('port = 8080', serverLine, one.replace('10.0.1.1:80', '10.0.1.1:8080')),
    weight: inServer('weight = 7', serverLine, one.replace('-w 1', '-w 7')),
    network: inServer('network = direct', serverLine, one.replace('-m', '-g')),
    upper: inServer('upper = 100', serverLine, `${one} -x 100`),
    lower: inServer('lower = 80', serverLine, `${one} -x 100 -y 80`, 'upper = 100'),
  },
};

/** Written by the web interface into every file; a warning would only be noise. */
const silent = ['serial_no'];

/** A file in which a key has a value that is not its default, where that is all it takes. */
const valueOf: Readonly<Record<string, string>> = {
  reservation_conflict_action: 'preempt',
  heartbeat_auth: 'off',
  failback: 'auto',
  dirs: '[ /a ]',
  master: '10.0.0.9',
  ...Object.fromEntries(['heartbeat_key_file', 'client_monitor'].map((key) => [key, '/opt/x'])),
  ...Object.fromEntries(['notify_cmd', 'start_cmd', 'stop_cmd', 'debug_level'].map((key) => [key, 'x'])),
};

function warningsOf(scope: Scope, key: string): readonly string[] {
  const line = `${key} = ${valueOf[key] ?? '1'}`;
  const { warnings } = load(scope === 'global' ? `${line}\n` : virtual(scope === 'server' ? server(line) : line));
  return warnings.filter(({ message }) => message.startsWith(`${key} `)).map(({ code }) => code);
}

/** Sections of the manual page where such keys are. */
const page = readFileSync('packages/config/man/lvs.cf.5', 'utf8');
const without = page.split(/^\.S[HS] /m).filter((text) => text.startsWith('Without effect\n'));
const pending = page.split(/^\.S[HS] /m).filter((text) => text.startsWith('KEYS NOT IN EFFECT YET\n'));
const names = (sections: readonly string[], key: string): boolean =>
  sections.some((text) => new RegExp(`^\\.BR? ${key}\\b`, 'm').test(text));

const isRow = (row: Row | Elsewhere): row is Row => 'consequence' in row;

const scopes = Object.keys(keysOf) as Scope[];
const every = scopes.flatMap((scope) =>
  Object.keys(keysOf[scope]).map((key) => ({ scope, key, row: rows[scope][key] })),
);
const seenHere = every.flatMap(({ scope, key, row }) => (row !== undefined && isRow(row) ? [{ scope, key, row }] : []));
const elsewhere = every.flatMap(({ key, row }) => (row === undefined || isRow(row) ? [] : [{ key, row }]));
const idle = every.filter(({ row }) => row === undefined);

describe('a key of lvs.cf', () => {
  test.each(seenHere)('$scope $key has its consequence', ({ row }) => {
    expect(row.consequence(load(row.given))).toEqual(row.seen);
    expect(row.consequence(load(row.without))).not.toEqual(row.seen);
  });

  test.each(elsewhere)('$key has a consequence that another test sees', ({ row }) => {
    expect(readFileSync(row.file, 'utf8')).toContain(`test('${row.test}'`);
  });

  test.each(idle)('$scope $key, of which no test sees a consequence, is said to have none', ({ scope, key }) => {
    const codes = silent.includes(key) ? ['no-effect'] : warningsOf(scope, key);
    expect(codes).toHaveLength(1);
    const sections = codes[0] === 'not-in-effect' ? pending : without;
    expect({ key, named: names(sections, key) }).toEqual({ key, named: true });
  });

  test('that is listed here exists', () => {
    const listed = scopes.flatMap((scope) => Object.keys(rows[scope]).map((key) => `${scope} ${key}`));
    expect(listed.filter((name) => !every.some(({ scope, key }) => name === `${scope} ${key}`))).toEqual([]);
  });
});
