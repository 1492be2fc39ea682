// What tcpdump prints, as frames.
import { describe, expect, test } from '@jest/globals';
import { readFrames } from './lab/inside/capture.ts';

const arp = [
  '1795904739.977123 ARP, Request who-has 10.1.0.100 (ff:ff:ff:ff:ff:ff) tell 10.1.0.100, length 28',
  '\t0x0000:  ffff ffff ffff 0200 0000 0001 0806 0001',
  '\t0x0010:  0800 0604 0001 0200',
];

describe('frames in the lines of tcpdump', () => {
  test('a frame counts with its own last line, though none comes after it', () => {
    const { frames, read } = readFrames();
    for (const line of arp) read(line);
    expect(frames).toEqual([{ at: 1795904739977.123, hex: 'ffffffffffff020000000001080600010800060400010200' }]);
  });

  test('it is dated by its first line, before its bytes have come', () => {
    const { frames, read } = readFrames();
    read(arp[0] ?? '');
    expect(frames).toEqual([{ at: 1795904739977.123, hex: '' }]);
  });

  test('each has its own bytes', () => {
    const { frames, read } = readFrames();
    for (const line of [...arp, '1795904740.5 IP6 ::1 > ::1: ICMP6', '\t0x0000:  6000']) read(line);
    expect(frames.map(({ hex }) => hex.length)).toEqual([48, 4]);
  });

  test('what tcpdump says of itself is none', () => {
    const { frames, read } = readFrames();
    for (const line of ['tcpdump: verbose output suppressed', '\t0x0000:  6000', '', '5 packets captured']) read(line);
    expect(frames).toEqual([]);
  });
});
