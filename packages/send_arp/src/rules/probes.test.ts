import { expect, test } from '@jest/globals';
import type { IpAddress, MacAddress } from '@piranha/domain';
import { broadcastMac, failure, success } from '@piranha/domain';
import { advertisementFrame } from './neighbour.ts';
import { replyFrame, requestFrame } from './frame.ts';
import { makeProbes } from './probes.ts';

const own = '525400abcdef' as MacAddress;
const other = '020000000009' as MacAddress;
const vip = '10.1.0.100' as IpAddress;
const vip6 = 'fd00::64' as IpAddress;
const reply = (address: IpAddress, mac: MacAddress): Uint8Array => replyFrame({ address, mac }, broadcastMac);

type Refusals = { readonly listen?: string; readonly send?: string };

/** Questions on a clock that a test turns: each turn is one look. */
function stage({ listen, send }: Refusals = {}) {
  const arrived = new Map<string, Uint8Array[]>();
  const sent: string[] = [];
  const taken: string[] = [];
  const problems: string[] = [];
  let listeners = 0;
  let wake: () => void = () => undefined;
  const probes = makeProbes({
    socket: {
      send: (device, frame) => {
        sent.push(`${device} ${frame.length}`);
        return send === undefined ? success(undefined) : failure(send);
      },
      listen: (device, { etherType }) => {
        if (listen !== undefined) return failure(listen);
        listeners += 1;
        const frames: Uint8Array[] = [];
        arrived.set(`${device} ${etherType.toString(16)}`, frames);
        return success({
          receive: () => frames.shift(),
          close: () => {
            listeners -= 1;
          },
        });
      },
      close: () => undefined,
    },
    pause: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
    onTaken: (device, { address, mac }) => taken.push(`${device} ${address} ${mac}`),
    complain: (problem) => problems.push(problem),
  });
  const look = async (times = 1): Promise<void> => {
    for (let count = 0; count < times; count += 1) {
      wake();
      await new Promise(setImmediate);
    }
  };
  const arrives = (at: string, ...frames: readonly Uint8Array[]) => arrived.get(at)?.push(...frames);
  return {
    probes,
    sent,
    taken,
    problems,
    look,
    arrives,
    wake: (): void => {
      wake();
    },
    listeners: () => listeners,
  };
}

test('another station that answers is told once, however often it answers', async () => {
  const { probes, taken, look, arrives, listeners } = stage();
  probes.ask({ device: 'eth0', address: vip, mac: own });
  arrives('eth0 806', reply(vip, other), reply(vip, other));
  await look();
  expect(taken).toEqual([`eth0 ${vip} ${other}`]);
  expect(listeners()).toBe(0);
});

test('an answer may take a second; after that nobody listens any more', async () => {
  const { probes, taken, look, arrives, listeners } = stage();
  probes.ask({ device: 'eth0', address: vip, mac: own });
  await look(49);
  expect(listeners()).toBe(1);
  arrives('eth0 806', requestFrame({ address: vip, mac: other }));
  await look();
  expect(taken).toHaveLength(1);
  expect(listeners()).toBe(0);
  probes.ask({ device: 'eth0', address: vip, mac: own });
  await look(51);
  expect(listeners()).toBe(0);
});

test('a question is asked twice', async () => {
  const { probes, sent, look } = stage();
  probes.ask({ device: 'eth0', address: vip, mac: own });
  await look(51);
  expect(sent).toEqual(['eth0 60', 'eth0 60']);
});

test('our own frames, those about other addresses and junk are no answer', async () => {
  const { probes, taken, look, arrives } = stage();
  probes.ask({ device: 'eth0', address: vip, mac: own });
  arrives('eth0 806', reply(vip, own), reply('10.1.0.101' as IpAddress, other), Uint8Array.from([1, 2, 3]));
  await look(51);
  expect(taken).toEqual([]);
});

test('both families and several devices are told apart', async () => {
  const { probes, taken, sent, look, arrives, listeners } = stage();
  for (const [device, address] of [
    ['eth0', vip],
    ['eth0', vip6],
    ['eth1', vip],
  ] as const) {
    probes.ask({ device, address, mac: own });
  }
  expect(listeners()).toBe(3);
  expect(sent).toEqual(['eth0 60', 'eth0 78', 'eth1 60']);
  arrives('eth0 86dd', advertisementFrame({ address: vip6, mac: other }, broadcastMac, false));
  arrives('eth1 806', reply(vip, other));
  await look(51);
  expect(taken).toEqual([`eth0 ${vip6} ${other}`, `eth1 ${vip} ${other}`]);
});

test('a flood is read in pieces, and ends with the question', async () => {
  const { probes, taken, look, arrives } = stage();
  probes.ask({ device: 'eth0', address: vip, mac: own });
  arrives('eth0 806', ...Array.from({ length: 300 }, () => reply('10.1.0.7' as IpAddress, other)), reply(vip, other));
  await look();
  expect(taken).toEqual([]);
  await look();
  expect(taken).toHaveLength(1);
});

test('what the system refuses is said, and leaves nothing open', async () => {
  const deaf = stage({ listen: 'Operation not permitted' });
  deaf.probes.ask({ device: 'eth0', address: vip, mac: own });
  expect(deaf.problems).toEqual(['nobody is asked for 10.1.0.100 on eth0: Operation not permitted']);
  const dumb = stage({ send: 'Network is down' });
  dumb.probes.ask({ device: 'eth0', address: vip, mac: own });
  await dumb.look();
  expect(dumb.problems).toEqual(['nobody is asked for 10.1.0.100 on eth0: Network is down']);
  expect(dumb.listeners()).toBe(0);
});

test('closing forgets all questions at the next look', async () => {
  const { probes, listeners, wake } = stage();
  probes.ask({ device: 'eth0', address: vip, mac: own });
  probes.ask({ device: 'eth0', address: vip6, mac: own });
  const closed = probes.close();
  wake();
  await closed;
  expect(listeners()).toBe(0);
});

test('a question that is forgotten has no answer, and its neighbours have', async () => {
  const { probes, taken, look, arrives, listeners } = stage();
  for (const address of [vip, '10.1.0.101' as IpAddress]) probes.ask({ device: 'eth0', address, mac: own });
  probes.forget({ device: 'eth0', address: vip });
  probes.forget({ device: 'eth9', address: vip });
  arrives('eth0 806', reply(vip, other), reply('10.1.0.101' as IpAddress, other));
  await look();
  expect(taken).toEqual([`eth0 10.1.0.101 ${other}`]);
  expect(listeners()).toBe(0);
});
