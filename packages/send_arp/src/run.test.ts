import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import type { IpAddress, MacAddress, Outcome } from '@piranha/domain';
import { broadcastMac, failure, parseIpAddress, success } from '@piranha/domain';
import fc from 'fast-check';
import { replyFrame } from './rules/frame.ts';
import type { AddressesHere } from './hands/addresses-here.ts';
import type { World } from './run.ts';
import { run } from './run.ts';

type Frame = { readonly device: string; readonly hex: string };

/** A world without a network, and what happened in it. */
type Stage = {
  readonly world: World;
  readonly frames: Frame[];
  readonly happened: string[];
  readonly out: () => string;
  readonly err: () => string;
};

const hosts: Readonly<Record<string, string>> = { 'vip.example.org': '10.1.0.100', everybody: '224.0.0.1' };

type Failures = {
  readonly socket?: string;
  readonly send?: (device: string) => Outcome<void, string>;
  /** Frames that come in as soon as somebody listens. */
  readonly heard?: readonly Uint8Array[];
  /** The machine's addresses; the usual ones on all devices but eth8, which has no carrier. */
  readonly here?: AddressesHere;
};

const usualAddresses = new Set(['10.1.0.100', 'fd00::1'] as IpAddress[]);
const usualHere: AddressesHere = new Map(['eth0', 'eth1', 'eth9', 'router0'].map((each) => [each, usualAddresses]));

function stage(
  { socket, send = () => success(undefined), heard = [], here = usualHere }: Failures = {},
  input: readonly string[] = [],
): Stage {
  const frames: Frame[] = [];
  const happened: string[] = [];
  let out = '';
  let err = '';
  const world: World = {
    version: 'send_arp (piranha-lvs) 1.2.3',
    openSocket: () => {
      happened.push('open');
      if (socket !== undefined) return failure(socket);
      return success({
        send: (device, frame) => {
          frames.push({ device, hex: Buffer.from(frame).toString('hex') });
          return send(device);
        },
        listen: (device) => {
          happened.push(`listen ${device}`);
          const waiting = [...heard];
          return success({ receive: () => waiting.shift(), close: () => happened.push(`deaf ${device}`) });
        },
        close: () => {
          happened.push('close');
        },
      });
    },
    forwards: (device) => device === 'router0',
    addressesHere: () => success(here),
    now: () => 5000,
    lookUp: (name) => Promise.resolve(parseIpAddress(hosts[name] ?? '')),
    pause: (length) => {
      happened.push(`pause ${length}`);
      return Promise.resolve();
    },
    input: () => Readable.from(input, { objectMode: false }),
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  };
  return { world, frames, happened, out: () => out, err: () => err };
}

const good = ['10.1.0.100', '525400ABCDEF', '10.1.0.255', 'ffffffffffff'];
const reply = `ffffffffffff525400abcdef08060001080006040002525400abcdef0a010064525400abcdef0a010064${'00'.repeat(18)}`;
const request = `ffffffffffff525400abcdef08060001080006040001525400abcdef0a0100640000000000000a010064${'00'.repeat(18)}`;

describe('by hand', () => {
  test('the four words of the original send its one frame', async () => {
    const { world, frames, happened, out, err } = stage();
    expect(await run(['-i', 'eth1', ...good], world)).toBe(0);
    expect(frames).toEqual([{ device: 'eth1', hex: reply }]);
    expect(happened).toEqual(['open', 'close']);
    expect(out() + err()).toBe('');
  });

  test('without -i the device is eth0', async () => {
    const { world, frames } = stage();
    expect(await run(good, world)).toBe(0);
    expect(frames.map(({ device }) => device)).toEqual(['eth0']);
  });

  test('--both sends the request, too', async () => {
    const { world, frames } = stage();
    expect(await run(['--both', ...good], world)).toBe(0);
    expect(frames.map(({ hex }) => hex)).toEqual([request, reply]);
  });

  test('-c repeats it a second apart, without a pause at the end', async () => {
    const { world, frames, happened } = stage();
    expect(await run(['-c', '3', ...good], world)).toBe(0);
    expect(frames).toHaveLength(3);
    expect(happened).toEqual(['open', 'pause 1000', 'pause 1000', 'close']);
  });

  test('an address of IPv6 sends one advertisement to all nodes, whatever the number of forms', async () => {
    const { world, frames } = stage();
    expect(await run(['--both', 'fd00::64', '525400ABCDEF', 'fd00::', 'ffffffffffff'], world)).toBe(0);
    expect(frames).toEqual([{ device: 'eth0', hex: expect.stringMatching(/^333300000001525400abcdef86dd/) }]);
  });

  test('a host name is looked up', async () => {
    const { world, frames } = stage();
    expect(await run(['vip.example.org', ...good.slice(1)], world)).toBe(0);
    expect(frames).toEqual([{ device: 'eth0', hex: reply }]);
  });

  test('a host name in the place of TARGET_IP is not looked up', async () => {
    const { world, frames } = stage();
    expect(await run(['10.1.0.100', '525400ABCDEF', 'nowhere.example.org', 'ffffffffffff'], world)).toBe(0);
    expect(frames).toEqual([{ device: 'eth0', hex: reply }]);
  });
});

describe('on request', () => {
  test.each(['--help', '-?'])('%s tells how it is used', async (option) => {
    const { world, out, happened } = stage();
    expect(await run([option], world)).toBe(0);
    expect(out()).toMatch(/^Usage: send_arp \[-i DEV\] .* TARGET_MAC\n {7}send_arp --commands\n/);
    expect(out()).toMatch(/Exit status: 0 sent; 1 not sent/);
    expect(happened).toEqual([]);
  });

  test('--version tells the version', async () => {
    const { world, out } = stage();
    expect(await run(['--version'], world)).toBe(0);
    expect(out()).toBe('send_arp (piranha-lvs) 1.2.3\n');
  });
});

describe('before a socket is opened', () => {
  const usage = 'usage: send_arp [-i DEV] [-c COUNT] [--both] SRC_IP SRC_MAC TARGET_IP TARGET_MAC\n';
  const withWord = (at: number, word: string): string[] => good.map((each, index) => (index === at ? word : each));

  test.each<readonly [readonly string[], string]>([
    [[], '4 arguments are needed, 0 are given'],
    [good.slice(0, 3), '4 arguments are needed, 3 are given'],
    [['-i', 'eth0', ...good.slice(0, 2)], '4 arguments are needed, 2 are given'],
    [[...good, 'more'], 'too many arguments. Expected 4 arguments but got 5.'],
    [['--bot', ...good], "unknown option '--bot'"],
    [['-i'], "option '-i <device>' argument missing"],
    [
      ['-i', 'sixteen-bytes-xx', ...good],
      "option '-i <device>' argument 'sixteen-bytes-xx' is invalid. No network device has such a name (1 to 15 bytes).",
    ],
    [
      ['-i', 'eth\n0', ...good],
      "option '-i <device>' argument 'eth\\n0' is invalid. No network device has such a name (1 to 15 bytes).",
    ],
    ...['0', '-1', '1.5', '1x', '', '86401'].map(
      (count) =>
        [
          ['-c', count, ...good],
          `option '-c, --count <count>' argument '${count}' is invalid. It is not a number from 1 to 86400.`,
        ] as const,
    ),
    [['--commands', ...good], '--commands takes no other option and no argument'],
    [['--commands', '-i', 'eth0'], '--commands takes no other option and no argument'],
  ])('%j is refused with the way it is used', async (args, problem) => {
    const { world, err, happened } = stage();
    expect(await run(args, world)).toBe(1);
    expect(err()).toBe(`send_arp: ${problem}\n${usage}`);
    expect(happened).toEqual([]);
  });

  test.each([
    [withWord(0, '10.1.0.300'), 'SRC_IP "10.1.0.300" is neither an IP address nor a host name'],
    [withWord(0, '10.1'), 'SRC_IP "10.1" is neither an IP address nor a host name'],
    [withWord(0, '0x0a010064'), 'SRC_IP "0x0a010064" is neither an IP address nor a host name'],
    [withWord(0, '010.1.0.100'), 'SRC_IP "010.1.0.100" is neither an IP address nor a host name'],
    [withWord(0, 'fd00::1%eth0'), 'SRC_IP "fd00::1%eth0" is neither an IP address nor a host name'],
    [withWord(0, '::'), 'SRC_IP :: is not an address that a host can have'],
    [withWord(0, 'ff02::1'), 'SRC_IP ff02::1 is not an address that a host can have'],
    [withWord(0, '::ffff:10.1.0.1'), 'SRC_IP ::ffff:10.1.0.1 is not an address that a host can have'],
    [withWord(0, '10.1.0.100 '), 'SRC_IP "10.1.0.100 " is neither an IP address nor a host name'],
    [withWord(0, ''), 'SRC_IP "" is neither an IP address nor a host name'],
    [withWord(0, 'nowhere.example.org'), 'unknown host nowhere.example.org'],
    [withWord(0, '255.255.255.255'), 'SRC_IP 255.255.255.255 is not an address that a host can have'],
    [withWord(0, '0.0.0.0'), 'SRC_IP 0.0.0.0 is not an address that a host can have'],
    [withWord(0, 'everybody'), 'SRC_IP 224.0.0.1 is not an address that a host can have'],
    [withWord(1, '5254-00AB-CDEF'), 'SRC_MAC "5254-00AB-CDEF" is not a hardware address'],
    [withWord(1, '525400ABCDEFF'), 'SRC_MAC "525400ABCDEFF" is not a hardware address'],
    [withWord(1, '52:54:00:ab:cd:ef junk'), 'SRC_MAC "52:54:00:ab:cd:ef junk" is not a hardware address'],
    [withWord(2, '10.1.0.256'), 'TARGET_IP "10.1.0.256" is neither an IP address nor a host name'],
    [withWord(3, 'ff:ff'), 'TARGET_MAC "ff:ff" is not a hardware address'],
    [withWord(3, '\u009b31m'), 'TARGET_MAC "\\x9b31m" is not a hardware address'],
  ])('%j is refused in one line', async (args, problem) => {
    const { world, err, happened } = stage();
    expect(await run(args, world)).toBe(1);
    expect(err()).toBe(`send_arp: ${problem}\n`);
    expect(happened).toEqual([]);
  });

  test('whatever the words are, it ends with 0 or 1, and opens nothing unless all are good', async () => {
    const word = fc.oneof(
      fc.constantFrom(
        ...good,
        '-i',
        '-c',
        '2',
        'eth0',
        '--both',
        '-b',
        '--',
        '--commands',
        '-?',
        '--version',
        '--device',
      ),
      fc.string({ unit: 'binary', maxLength: 24 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 8 }), async (args) => {
        const { world, frames, happened, out, err } = stage();
        const status = await run(args, world);
        expect([0, 1]).toContain(status);
        expect(status === 1 && [...happened, ...frames].length > 0).toBe(false);
        expect(err() === '').toBe(status === 0);
        const answered = frames.length > 0 || out() !== '' || args.includes('--commands');
        expect(status === 0 && !answered).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what the system refuses', () => {
  test('is told when no socket can be opened', async () => {
    const { world, err } = stage({ socket: 'Operation not permitted' });
    expect(await run(good, world)).toBe(1);
    expect(err()).toBe('send_arp: socket: Operation not permitted\n');
  });

  test('ends the announcements, and the socket is closed', async () => {
    const { world, err, frames, happened } = stage({ send: () => failure('Network is down') });
    expect(await run(['-c', '5', '--both', ...good], world)).toBe(1);
    expect(err()).toBe('send_arp: eth0: Network is down\n');
    expect(frames).toHaveLength(1);
    expect(happened).toEqual(['open', 'close']);
  });
});

describe('for pulse', () => {
  const order = (device: string, address = '10.1.0.100', mac = '525400abcdef'): string =>
    `${JSON.stringify({ type: 'announce', device, address, mac })}\n`;

  test('each command sends both forms once, and the end of the input ends it', async () => {
    const { world, frames, happened, err } = stage({}, [order('eth0'), order('eth1')]);
    expect(await run(['--commands'], world)).toBe(0);
    expect(frames).toEqual([
      { device: 'eth0', hex: request },
      { device: 'eth0', hex: reply },
      { device: 'eth1', hex: request },
      { device: 'eth1', hex: reply },
    ]);
    expect(happened).toEqual(['open', 'close']);
    expect(err()).toBe('');
  });

  test('what the kernel does not show on the device is never announced, and that is said once', async () => {
    const here: AddressesHere = new Map([
      ['eth0', new Set(['fd00::1'] as IpAddress[])],
      ['eth1', usualAddresses],
    ]);
    const { world, frames, err } = stage({ here }, [order('eth0'), order('eth0'), order('eth1'), order('eth8')]);
    expect(await run(['--commands'], world)).toBe(0);
    expect(frames.map(({ device }) => device)).toEqual(['eth1', 'eth1']);
    expect(err()).toBe('send_arp: 10.1.0.100 is not announced on eth0: it is not up there\n');
  });

  test('one that is gone again after it was announced is not announced any more', async () => {
    const views: AddressesHere[] = [usualHere, new Map([['eth0', new Set<IpAddress>()]]), usualHere];
    const { world, frames, err } = stage({}, [order('eth0'), order('eth0'), order('eth0')]);
    const told = run(['--commands'], { ...world, addressesHere: () => success(views.shift() ?? new Map()) });
    expect(await told).toBe(0);
    expect(frames).toHaveLength(4);
    expect(err()).toBe('send_arp: 10.1.0.100 is not announced on eth0: it is not up there\n');
  });

  test('where the kernel cannot be asked nothing is announced, which is said once, and it goes on when it can be', async () => {
    const views = [failure('EMFILE'), failure('EMFILE'), success(usualHere)];
    const { world, frames, err } = stage({}, [order('eth0'), order('eth0'), order('eth0')]);
    const told = run(['--commands'], { ...world, addressesHere: () => views.shift() ?? failure('no more') });
    expect(await told).toBe(0);
    expect(frames).toHaveLength(2);
    expect(err()).toBe('send_arp: nothing is announced: which addresses are up cannot be read: EMFILE\n');
  });

  test('an order that has waited too long is left out, and whoever gave it is told', async () => {
    const limited = (until: number): string => order('eth0').replace('}', `,"until":${until}}`);
    const { world, frames, out } = stage({}, [limited(5000) + limited(4999), limited(5001)]);
    expect(await run(['--commands'], world)).toBe(0);
    expect(frames).toHaveLength(2);
    expect(out()).toBe('{"type":"late","count":2}\n');
  });

  test('a hardware address with colons is the same hardware address', async () => {
    const { world, frames } = stage({}, [order('eth0', '10.1.0.100', '52:54:00:AB:CD:EF')]);
    await run(['--commands'], world);
    expect(frames.map(({ hex }) => hex)).toEqual([request, reply]);
  });

  test('a problem is one line, and the next command is obeyed', async () => {
    const { world, frames, err } = stage(
      { send: (device) => (device === 'eth9' ? failure('No such device') : success(undefined)) },
      [
        'nonsense\n',
        '{"type":"announce","device":"eth0","address":"10.1.0.300","mac":"525400abcdef"}\n',
        order('eth9'),
        order('eth0\u0000:1'),
        `${'x'.repeat(5000)}\n`,
        order('eth0'),
      ],
    );
    expect(await run(['--commands'], world)).toBe(0);
    expect(err().split('\n')).toEqual([
      expect.stringMatching(/^send_arp: unknown command: not JSON: /),
      'send_arp: unknown command: address: not an IP address',
      'send_arp: 10.1.0.100 is not announced on eth9: No such device',
      String.raw`send_arp: "eth0\u0000:1" is not the name of a network device`,
      'send_arp: longer than 4096 characters and left out: 1 command(s)',
      '',
    ]);
    expect(frames.filter(({ device }) => device === 'eth0').map(({ hex }) => hex)).toEqual([request, reply]);
  });

  test('an address of IPv6 is announced as well, and says on a router that it is one', async () => {
    const { world, frames, err } = stage({}, [order('eth0', 'fd00::1'), order('router0', 'fd00::1')]);
    expect(await run(['--commands'], world)).toBe(0);
    expect(frames.map(({ device, hex }) => [device, hex.slice(0, 12), hex.slice(108, 118)])).toEqual([
      ['eth0', '333300000001', expect.stringMatching(/^8800....20$/)],
      ['router0', '333300000001', expect.stringMatching(/^8800....a0$/)],
    ]);
    expect(err()).toBe('');
  });

  const probe = (address: string, device = 'eth0'): string =>
    `${JSON.stringify({ type: 'probe', device, address, mac: '525400abcdef' })}\n`;
  const other = '020000000009' as MacAddress;

  test('who has an address already is told on standard output, and the next command has not waited', async () => {
    const heard = [
      Uint8Array.from([1, 2, 3]),
      replyFrame({ address: '10.1.0.100' as IpAddress, mac: other }, broadcastMac),
    ];
    const { world, frames, out, err } = stage({ heard }, [probe('10.1.0.100') + order('eth0')]);
    expect(await run(['--commands'], world)).toBe(0);
    // Question, and at once the announcement in both forms.
    expect(frames.map(({ hex }) => hex.slice(40, 44))).toEqual(['0001', '0001', '0002']);
    expect(JSON.parse(out())).toEqual({ type: 'taken', device: 'eth0', address: '10.1.0.100', mac: other });
    expect(err()).toBe('');
  });

  test('what is forgotten is asked no more', async () => {
    const heard = [replyFrame({ address: '10.1.0.100' as IpAddress, mac: other }, broadcastMac)];
    const forget = `${JSON.stringify({ type: 'forget', device: 'eth0', address: '10.1.0.100' })}\n`;
    const { world, out, happened } = stage({ heard }, [probe('10.1.0.100') + forget]);
    expect(await run(['--commands'], world)).toBe(0);
    expect(out()).toBe('');
    expect(happened).toContain('deaf eth0');
  });

  test('the end of the input ends questions, too', async () => {
    const { world, happened } = stage({}, [probe('10.1.0.100'), probe('fd00::1')]);
    expect(await run(['--commands'], world)).toBe(0);
    expect(happened.filter((each) => !each.startsWith('pause'))).toEqual([
      ...['open', 'listen eth0', 'listen eth0', 'deaf eth0', 'deaf eth0', 'close'],
    ]);
  });

  test('half a command at the end is not obeyed', async () => {
    const { world, frames, err } = stage({}, [order('eth0').trimEnd()]);
    expect(await run(['--commands'], world)).toBe(0);
    expect(frames).toEqual([]);
    expect(err()).toBe('send_arp: the last command has no line end; it was left out\n');
  });

  test('without a socket it does not begin', async () => {
    const { world, err } = stage({ socket: 'Operation not permitted' }, [order('eth0')]);
    expect(await run(['--commands'], world)).toBe(1);
    expect(err()).toBe('send_arp: socket: Operation not permitted\n');
  });
});
