import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Firewall } from './firewall.ts';
import { mayComeIn, mayMark } from './firewall.ts';
import { parseNft } from './nft.ts';
import { packetOf } from './packet-of.ts';

/** What nft 1.0.6 prints, with the given rules in a chain for what comes in and in one before routing. */
function ruleset(policy: 'accept' | 'drop', input: readonly string[], prerouting: readonly string[] = []): string {
  const rule = (chain: string, handle: number) => (expr: string) =>
    `{"rule": {"family": "inet", "table": "t", "chain": "${chain}", "handle": ${handle}, "expr": [${expr}]}}`;
  const items = [
    '{"metainfo": {"version": "1.0.6", "release_name": "Lester Gooch #5", "json_schema_version": 1}}',
    '{"table": {"family": "inet", "name": "t", "handle": 1}}',
    '{"set": {"family": "inet", "name": "peers", "table": "t", "type": "ipv4_addr", "handle": 25, "flags": ["interval"]}}',
    `{"chain": {"family": "inet", "table": "t", "name": "in", "handle": 1, "type": "filter", "hook": "input", "prio": 0, "policy": "${policy}"}}`,
    '{"chain": {"family": "inet", "table": "t", "name": "pre", "handle": 2, "type": "filter", "hook": "prerouting", "prio": -150, "policy": "accept"}}',
    '{"chain": {"family": "inet", "table": "t", "name": "allow", "handle": 22}}',
    ...input.map(rule('in', 10)),
    ...prerouting.map(rule('pre', 20)),
    rule('allow', 30)(`${heartbeats}, ${accept}`),
  ];
  return `{"nftables": [${items.join(', ')}]}`;
}

const accept = '{"accept": null}';
const match = (left: string, right: string, op = '=='): string =>
  `{"match": {"op": "${op}", "left": ${left}, "right": ${right}}}`;
const payload = (protocol: string, field: string): string =>
  `{"payload": {"protocol": "${protocol}", "field": "${field}"}}`;
const heartbeats = match(payload('udp', 'dport'), '539');
const ssh = `${match(payload('tcp', 'dport'), '22')}, ${accept}`;
const loopback = `${match('{"meta": {"key": "iifname"}}', '"lo"')}, ${accept}`;

function firewallOf(json: string, terse = false): Firewall {
  const parsed = parseNft(json, terse);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

const heartbeat = packetOf('10.1.0.3', '10.1.0.2', 539, undefined, ['new', 'established']);
const sync = packetOf('10.2.0.3', '224.0.0.81', 8848, 'eth1', ['new']);
const comesIn = (json: string): boolean => mayComeIn(firewallOf(json), heartbeat);

describe('a heartbeat', () => {
  test('comes in where there is no rule at all', () => {
    expect(comesIn('{"nftables": []}')).toBe(true);
    expect(comesIn(ruleset('accept', []))).toBe(true);
  });

  test('does not where everything but other things is dropped', () => {
    expect(comesIn(ruleset('drop', []))).toBe(false);
    expect(comesIn(ruleset('drop', [loopback, ssh]))).toBe(false);
  });

  test.each([
    ['its port', `${heartbeats}, ${accept}`],
    [
      'a range and a list of ports',
      `${match(payload('udp', 'dport'), '{"set": [{"range": [530, 540]}, 600]}')}, ${accept}`,
    ],
    [
      'its port of any transport protocol',
      `${match('{"meta": {"key": "l4proto"}}', '{"set": ["tcp", "udp"]}')}, ${match(payload('th', 'dport'), '539')}, ${accept}`,
    ],
    ['the address of the partner', `${match(payload('ip', 'saddr'), '"10.1.0.3"')}, ${accept}`],
    [
      'the network of the partner',
      `${match(payload('ip', 'saddr'), '{"set": [{"prefix": {"addr": "10.1.0.0", "len": 24}}, "10.2.0.3"]}')}, ${accept}`,
    ],
    [
      'what belongs to a known exchange',
      `${match('{"ct": {"key": "state"}}', '["established", "related"]', 'in')}, ${accept}`,
    ],
    [
      'a map of states',
      '{"vmap": {"key": {"ct": {"key": "state"}}, "data": {"set": [["invalid", {"drop": null}], ["established", {"accept": null}]]}}}',
    ],
    [
      'a map of ports',
      `{"vmap": {"key": ${payload('udp', 'dport')}, "data": {"set": [[539, {"accept": null}], [540, {"drop": null}]]}}}`,
    ],
    ['a named map', `{"vmap": {"key": ${payload('udp', 'dport')}, "data": "@ports"}}`],
    [
      'a limited rate',
      `{"limit": {"rate": 5, "burst": 5, "per": "second"}}, {"counter": {"packets": 0, "bytes": 0}}, ${accept}`,
    ],
    [
      'a chain that lets it in',
      `${match('{"meta": {"key": "iifname"}}', '{"set": ["eth0", "eth1"]}')}, {"jump": {"target": "allow"}}`,
    ],
    ['a chain at the end', '{"goto": {"target": "allow"}}'],
    ['what only iptables can read', '{"xt": {"type": "target", "name": "ACCEPT"}}'],
    ['a statement that nobody knows', `{"tomorrow": 1}, ${accept}`],
  ])('may come in where a rule lets in %s', (_what, expression) => {
    expect(comesIn(ruleset('drop', [ssh, expression]))).toBe(true);
  });

  test.each([
    ['another port', `${match(payload('udp', 'dport'), '53')}, ${accept}`],
    ['another address', `${match(payload('ip', 'saddr'), '"10.1.0.4"')}, ${accept}`],
    ['IPv6 alone', `${match(payload('ip6', 'saddr'), '{"prefix": {"addr": "fd00::", "len": 8}}')}, ${accept}`],
    ['another protocol', `${match('{"meta": {"key": "l4proto"}}', '"tcp"')}, ${accept}`],
    [
      'other ports of a map',
      `{"vmap": {"key": ${payload('udp', 'dport')}, "data": {"set": [[540, {"accept": null}]]}}}`,
    ],
  ])('does not come in where the rules let in %s', (_what, expression) => {
    expect(comesIn(ruleset('drop', [expression]))).toBe(false);
  });

  test('is dropped by a rule of its own, and by one for everything that stands before the one that lets it in', () => {
    expect(comesIn(ruleset('accept', [`${heartbeats}, {"drop": null}`]))).toBe(false);
    const rejects = '{"log": {"prefix": "x"}}, {"counter": {"packets": 0, "bytes": 0}}, {"reject": {"type": "icmpx"}}';
    expect(comesIn(ruleset('accept', [rejects, `${heartbeats}, ${accept}`]))).toBe(false);
    expect(comesIn(ruleset('accept', [`${heartbeats}, ${accept}`, rejects]))).toBe(true);
  });

  test('may get past a rule whose condition is not understood, or that is about other packets', () => {
    expect(comesIn(ruleset('accept', [`${match('{"meta": {"key": "cgroup"}}', '5')}, {"drop": null}`]))).toBe(true);
    expect(comesIn(ruleset('accept', [`${match(payload('udp', 'dport'), '539', '!=')}, {"drop": null}`]))).toBe(true);
    expect(comesIn(ruleset('accept', [`${heartbeats}, {"return": null}`, '{"drop": null}']))).toBe(true);
  });
});

const ct = (key: string, value: string, op = '=='): string => match(`{"ct": {"key": "${key}"}}`, value, op);
const meta = (key: string, value: string, op = '=='): string => match(`{"meta": {"key": "${key}"}}`, value, op);
const concat = (...parts: readonly string[]): string => `{"concat": [${parts.join(', ')}]}`;
const fib = (flag: string, value: string, op = '=='): string =>
  match(`{"fib": {"result": "type", "flags": ["${flag}", "iif"]}}`, value, op);

/** Who may come in where a policy drops and one rule accepts: the heartbeat, the talk of the sync daemons. */
const passing = (expression: string): readonly boolean[] => {
  const firewall = firewallOf(ruleset('drop', [`${expression}, ${accept}`]));
  return [heartbeat, sync].map((packet) => mayComeIn(firewall, packet));
};

describe('what may be let in is not assumed where it cannot be', () => {
  test.each([
    ['an answer', ct('state', '["established", "related"]', 'in'), [true, false]],
    ['an answer, as a set', ct('state', '{"set": ["established", "related"]}'), [true, false]],
    ['what is no new exchange', ct('state', '"new"', '!='), [true, false]],
    ['a new exchange too', ct('state', '["established", "new"]', 'in'), [true, true]],
    ['what is related alone', ct('state', '"related"'), [false, false]],
    ['what is hidden from tracking, where nothing is', ct('state', '"untracked"'), [false, false]],
    ['the way back of an exchange', ct('direction', '"reply"'), [true, false]],
    ['the way out of one', ct('direction', '"original"'), [true, true]],
    ['an exchange that had an answer', ct('status', '"assured"'), [true, false]],
    ['another destination', match(payload('ip', 'daddr'), '"10.1.0.2"'), [true, false]],
    ['the group', match(payload('ip', 'daddr'), '"224.0.0.81"'), [false, true]],
    [
      'everything but a group',
      match(payload('ip', 'daddr'), '{"prefix": {"addr": "224.0.0.0", "len": 4}}', '!='),
      [true, false],
    ],
    ['a range of groups', match(payload('ip', 'daddr'), '{"range": ["224.0.0.1", "224.0.0.99"]}'), [false, true]],
    ['multicast', meta('pkttype', '"multicast"'), [false, true]],
    ['what is for this machine', meta('pkttype', '"host"'), [true, false]],
    ['what the routing table calls local', fib('daddr', '"local"'), [true, false]],
    ['what it does not', fib('daddr', '{"set": ["local", "broadcast"]}', '!='), [false, true]],
    ['what this machine has sent', fib('saddr', '"local"'), [false, false]],
    ['another interface', meta('iifname', '"eth0"'), [true, false]],
    ['its interface', meta('iifname', '{"set": ["eth1", "eth2"]}'), [true, true]],
    ['a group of interfaces', meta('iifname', '"eth*"'), [true, true]],
    ['no such interface', meta('iif', '7'), [true, false]],
    ['what goes out', meta('oifname', '"eth1"', '!='), [false, false]],
    ['high ports', match(payload('udp', 'dport'), '1024', '>'), [false, true]],
    ['other ports', match(payload('udp', 'dport'), '{"set": [22, 539]}', '!='), [false, true]],
    ['other ports of TCP', match(payload('tcp', 'dport'), '22', '!='), [false, false]],
    ['a set of ports of TCP that is not known', match(payload('tcp', 'dport'), '"@ports"'), [false, false]],
    ['IPv6, whatever it is', match(payload('ip6', 'hoplimit'), '255'), [false, false]],
    ['IPv6, by its next header', match(payload('ip6', 'nexthdr'), '"udp"'), [false, false]],
    ['IPv4, by the frame', match(payload('ether', 'type'), '"ip"'), [true, true]],
    ['IPv6, by the frame', meta('protocol', '"ip6"'), [false, false]],
    ['both versions', meta('nfproto', '{"set": ["ipv4", "ipv6"]}'), [true, true]],
    [
      'a pair of address and port',
      match(concat(payload('ip', 'daddr'), payload('udp', 'dport')), `{"set": [${concat('"224.0.0.81"', '8848')}]}`),
      [false, true],
    ],
    [
      'an element with a comment',
      match(payload('udp', 'dport'), '{"set": [{"elem": {"val": 8848, "comment": "x"}}]}'),
      [false, true],
    ],
    [
      'a map with everything in it',
      `{"vmap": {"key": ${payload('udp', 'dport')}, "data": {"set": [["*", {"accept": null}]]}}}`,
      [true, true],
    ],
  ])('%s', (_what, expression, expected) => {
    expect(passing(expression)).toEqual(expected);
  });

  test('a set that is listed is known; one that is not, and one that changes with the traffic, may have anything', () => {
    const inSet = (set: string, terse: boolean): readonly boolean[] => {
      const json = ruleset('drop', [`${match(payload('ip', 'saddr'), '"@known"')}, ${accept}`]);
      const more = json.replace(
        '{"table"',
        `{"set": {"family": "inet", "name": "known", "table": "t"${set}}}, {"table"`,
      );
      return [heartbeat, sync].map((packet) => mayComeIn(firewallOf(more, terse), packet));
    };
    expect(inSet(', "elem": ["10.1.0.3", "10.9.0.9"]', false)).toEqual([true, false]);
    expect(inSet('', false)).toEqual([false, false]);
    expect(inSet('', true)).toEqual([true, true]);
    expect(inSet(', "size": 65535, "flags": ["timeout"], "timeout": 60', false)).toEqual([true, true]);
  });

  test('a verdict of a named map is known where the map is listed', () => {
    const map =
      '{"map": {"family": "inet", "name": "vm", "table": "t", "type": "inet_service", "map": "verdict", "elem": [[22, {"accept": null}], [8848, {"continue": null}]]}}';
    const json = ruleset('drop', [`{"vmap": {"key": ${payload('udp', 'dport')}, "data": "@vm"}}`]);
    expect(mayComeIn(firewallOf(json.replace('{"table"', `${map}, {"table"`)), sync)).toBe(false);
    expect(
      mayComeIn(firewallOf(json.replace('{"table"', `${map.replace('continue', 'accept')}, {"table"`)), sync),
    ).toBe(true);
    expect(mayComeIn(firewallOf(json), sync)).toBe(true);
  });

  test('chains before the one for what comes in count, and those of other interfaces or of a table that is asleep do not', () => {
    const drops = `${match(payload('udp', 'dport'), '8848')}, {"drop": null}`;
    expect(mayComeIn(firewallOf(ruleset('accept', [], [drops])), sync)).toBe(false);
    const ingress = (device: string) =>
      ruleset('accept', [], []).replace(
        '"hook": "prerouting", "prio": -150, "policy": "accept"',
        `"hook": "ingress", "prio": 0, "policy": "drop"${device}`,
      );
    expect(
      ['', ', "dev": "eth0"', ', "dev": "eth1"'].map((device) => mayComeIn(firewallOf(ingress(device)), sync)),
    ).toEqual([true, true, false]);
    const asleep = ruleset('drop', []).replace('"name": "t", "handle": 1}', '"name": "t", "handle": 1, "flags": "t"}');
    expect(mayComeIn(firewallOf(asleep), sync)).toBe(true);
  });

  test('what is hidden from tracking may be let in as such', () => {
    const hides = ruleset('drop', [`${ct('state', '"untracked"')}, ${accept}`], ['{"notrack": null}']);
    expect(mayComeIn(firewallOf(hides), sync)).toBe(true);
  });

  test('statements that decide nothing do not keep a rule from being sure', () => {
    const rest = '{"notrack": null}, {"drop": null}';
    expect(mayComeIn(firewallOf(ruleset('accept', [rest, accept])), sync)).toBe(false);
    const addsToSet =
      '{"set": {"op": "update", "elem": {"payload": {"protocol": "ip", "field": "saddr"}}, "set": "@dyn"}}';
    expect(mayComeIn(firewallOf(ruleset('accept', [`${addsToSet}, {"drop": null}`])), sync)).toBe(true);
  });
});

describe('a mark', () => {
  const mark = (value: string): string => `{"mangle": {"key": {"meta": {"key": "mark"}}, "value": ${value}}}`;
  const marks = (value: string, wanted: number): boolean =>
    mayMark(firewallOf(ruleset('accept', [], [mark(value)])), wanted);
  const own = '{"meta": {"key": "mark"}}';

  test('is set by a number, and no other is', () => {
    expect([80, 81].map((wanted) => marks('80', wanted))).toEqual([true, false]);
    expect(marks('4294967295', 4_294_967_295)).toBe(true);
  });

  test('in a part of its bits may be any that has those', () => {
    // nft 1.0.6 makes this of `meta mark set mark and 0xffff0000 or 0x51`.
    const part = `{"|": [{"&": [${own}, 4294901841]}, 81]}`;
    expect([0x51, 0xab_0051, 0x50].map((wanted) => marks(part, wanted))).toEqual([true, true, false]);
    expect([0x100, 0x180, 0x80].map((wanted) => marks(`{"|": [${own}, 256]}`, wanted))).toEqual([true, true, false]);
    expect(marks(`{"^": [${own}, 256]}`, 7)).toBe(true);
  });

  test('comes from a map', () => {
    const map = `{"map": {"key": ${payload('tcp', 'dport')}, "data": {"set": [[80, 1], [443, 2]]}}}`;
    expect([1, 2, 3].map((wanted) => marks(map, wanted))).toEqual([true, true, false]);
  });

  test.each([
    ['a connection', '{"ct": {"key": "mark"}}'],
    ['a named map', `{"map": {"key": ${payload('tcp', 'dport')}, "data": "@marks"}}`],
    ['a counter', '{"numgen": {"mode": "inc", "mod": 2, "offset": 1}}'],
  ])('of %s may be any', (_what, value) => {
    expect(marks(value, 12_345)).toBe(true);
  });

  test('of a connection that is only kept sets none', () => {
    const keep = '{"mangle": {"key": {"ct": {"key": "mark"}}, "value": {"meta": {"key": "mark"}}}}';
    expect(mayMark(firewallOf(ruleset('accept', [], [keep])), 80)).toBe(false);
  });

  test('that only what goes out or is forwarded gets does not count', () => {
    const json = ruleset('accept', [], [mark('80')]);
    for (const hook of ['output', 'forward', 'postrouting']) {
      expect(mayMark(firewallOf(json.replace('"hook": "prerouting"', `"hook": "${hook}"`)), 80)).toBe(false);
    }
    const called = (jump: string): Firewall =>
      firewallOf(
        ruleset('accept', [], [jump]).replace(
          /\]}$/,
          `, {"rule": {"family": "inet", "table": "t", "chain": "allow", "expr": [${mark('80')}]}}]}`,
        ),
      );
    expect(mayMark(called('{"counter": null}'), 80)).toBe(false);
    expect(mayMark(called('{"jump": {"target": "allow"}}'), 80)).toBe(true);
    expect(mayMark(called(`{"vmap": {"key": ${payload('tcp', 'dport')}, "data": "@anywhere"}}`), 80)).toBe(true);
  });

  test('in a rule of iptables is left to iptables', () => {
    expect(firewallOf(ruleset('accept', [], ['{"xt": {"type": "target", "name": "MARK"}}'])).foreign).toBe(true);
    expect(firewallOf(ruleset('accept', [ssh])).foreign).toBe(false);
  });
});

test('what is no JSON is no ruleset', () => {
  expect(parseNft('table inet t {')).toEqual({ ok: false, error: 'what nft has printed is not JSON' });
});

test('JSON of any shape never throws', () => {
  const words = ['nftables', 'rule', 'chain', 'expr', 'match', 'left', 'right', 'mangle', 'key', 'meta', 'value', 'vmap', 'data', 'set', 'jump', 'target', 'hook', 'input', '|']; // prettier-ignore
  const json = fc.jsonValue({ maxDepth: 8 }).map((value) => JSON.stringify(value));
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 8 },
      fc.constantFrom<unknown>(...words, null, 539, {}),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...words), tie('tree'), { maxKeys: 3 }),
    ),
  }));
  const shaped = tree.map((value) =>
    JSON.stringify({ nftables: [value, { chain: value }, { rule: { expr: [value] } }] }),
  );
  fc.assert(
    fc.property(fc.oneof(json, shaped, fc.string()), (source_) => {
      const parsed = parseNft(source_);
      if (!parsed.ok) return;
      mayComeIn(parsed.value, heartbeat);
      mayComeIn(parsed.value, sync);
      mayMark(parsed.value, 80);
    }),
  );
});
