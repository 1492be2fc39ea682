import { describe, expect, test } from '@jest/globals';
import { asPort, parseIpAddress } from '@piranha/domain';
import fc from 'fast-check';
import type { Firewall } from './firewall.ts';
import { mayComeIn, mayMark } from './firewall.ts';
import { parseNft } from './nft.ts';

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

function firewallOf(json: string): Firewall {
  const parsed = parseNft(json);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

const [source, port] = [parseIpAddress('10.1.0.3'), asPort(539)];
if (source === undefined || port === undefined) throw new Error('no partner');
const comesIn = (json: string): boolean => mayComeIn(firewallOf(json), { source, port });

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
    ['addresses of a named set, which is not listed', `${match(payload('ip', 'saddr'), '"@peers"')}, ${accept}`],
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
      mayComeIn(parsed.value, { source, port });
      mayMark(parsed.value, 80);
    }),
  );
});
