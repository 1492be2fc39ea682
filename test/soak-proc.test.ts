// What the soak reads of processes and their kernel.
import { describe, expect, test } from '@jest/globals';
import { countEntries, countSockets, parseStatus, startedAt, watchedAs } from './lab/inside/soak/proc.ts';

describe('what /proc tells', () => {
  test('of a process: its name, its threads, and its memory without the pages of its program; none of one that is ending', () => {
    const status = (lines: readonly string[]) => parseStatus(`${lines.join('\n')}\n`);
    const rss = ['VmRSS:\t   91200 kB', 'RssAnon:\t   51200 kB', 'RssFile:\t   40000 kB', 'RssShmem:\t       8 kB'];
    expect(status(['Name:\tlvsd', 'State:\tS (sleeping)', 'PPid:\t12', ...rss, 'Threads:\t7'])).toEqual({
      name: 'lvsd',
      zombie: false,
      parent: 12,
      memory: 51_208,
      threads: 7,
    });
    expect(status(['Name:\tipvsadm', 'State:\tZ (zombie)', 'PPid:\t12', 'Threads:\t1'])).toMatchObject({
      zombie: true,
      parent: 12,
      memory: undefined,
    });
    expect(status(['Name:\tlvsd', 'State:\tR (running)', 'PPid:\t12', 'Threads:\t1'])).toMatchObject({
      zombie: false,
      memory: undefined,
    });
  });

  test('of its start, whatever its name is', () => {
    const fields = ['S', ...Array.from({ length: 18 }, () => '0'), '4711', '99'];
    expect(startedAt(`12 (a) b)) ${fields.join(' ')}`)).toBe('4711');
  });

  test('the suite is watched, and the standing ip, not the others', () => {
    expect(watchedAs('nanny', '/usr/bin/node\0')).toBe('nanny');
    expect(watchedAs('ip', 'ip\0-j\0-force\0-batch\0-\0')).toBe('ip');
    expect(watchedAs('ip', 'ip\0-o\0monitor\0')).toBeUndefined();
    expect(watchedAs('nginx', 'nginx\0')).toBeUndefined();
  });

  test('entries of the table are services and servers; headings are none', () => {
    const table = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  0A010064:0050 wrr
  -> 0A02000C:0050      Masq    1      0          0
  -> 0A02000B:0050      Masq    2      0          0
FWM  00000001 rr
`;
    expect([countEntries(table), countEntries('')]).toEqual([4, 0]);
  });

  test('sockets of all kinds', () => {
    expect(countSockets('sockets: used 37\nTCP: inuse 3\n')).toBe(37);
  });
});
