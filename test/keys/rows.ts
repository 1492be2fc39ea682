// Every key of lvs.cf with what is seen of it, or with the test that sees it.
import { expect } from '@jest/globals';
import type { LoadedConfiguration, Scope } from '@piranha/config';
import { server, virtual } from './file.ts';
import {
  allDown,
  allUp,
  check,
  firstWeights,
  ipvsadm,
  kernelSetting,
  nannies,
  serverLine,
  timeouts,
} from './lvs-consequences.ts';
import {
  asksAfter,
  channels,
  classWithoutLink,
  firstSent,
  floating,
  settingOf,
  tookOver,
} from './pulse-consequences.ts';

/** A file that has a key, the same without it, what is looked at in both, and what is seen where the key is. */
export type Row = {
  readonly without: string;
  readonly given: string;
  readonly consequence: (loaded: LoadedConfiguration) => unknown;
  readonly seen: unknown;
};

/** Another test that fails when the key is ignored: a file and the name of the test in it. */
export type Elsewhere = { readonly file: string; readonly test: string };

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

export const rows: Readonly<Record<Scope, Readonly<Record<string, Row | Elsewhere>>>> = {
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
    heartbeat_second_key_file: {
      file: 'packages/pulse/src/hands/heartbeat-socket.test.ts',
      test: 'of two keys the first one signs, and either is believed',
    },
    heartbeat_ttl: {
      file: 'packages/pulse/src/hands/heartbeat-socket-near.test.ts',
      test: 'is what has less left than heartbeat_ttl',
    },
    heartbeat_auth: global('heartbeat_auth = accept', `${pair}heartbeat_key_file = /k\n`, settingOf('auth'), 'accept'),
    failback: global('failback = auto', pair, asksAfter, 1),
    failback_delay: global('failback_delay = 3', `failback = auto\n${pair}`, asksAfter, 4),
    monitor_links: global('monitor_links = 1', pair, classWithoutLink, 0),
    arp_refresh: {
      file: 'packages/pulse/src/rules/announcements.test.ts',
      test: 'are announced every arp_refresh seconds, counted from the last announcement',
    },
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
    ipvsadm: global('ipvsadm = /opt/ipvsadm', virtual(), ipvsadm, '/opt/ipvsadm'),
    active_cmd: hookTest,
    inactive_cmd: hookTest,
    insecure_programs: {
      file: 'packages/preflight/src/judgement.test.ts',
      test: 'is named with its path and the cure, and which key allows it',
    },
    check_user: {
      file: 'test/process/attacks/check-user.test.ts',
      test: 'a nanny of lvs is the user of lvs.cf and nothing more',
    },
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
