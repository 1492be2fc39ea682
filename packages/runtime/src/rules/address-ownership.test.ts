// Whatever happens to a machine and in whatever order: pulse takes down what it has raised, all of it, and nothing else.
import { expect, test } from '@jest/globals';
import type { IpAddress, Outcome } from '@piranha/domain';
import { success } from '@piranha/domain';
import type { RaisedAddress } from '@piranha/protocol';
import fc from 'fast-check';
import { lowering, raising } from '../address-changes.ts';
import { fakeAddresses } from '../testing/fake-addresses.ts';
import type { Answer, Ask } from '../standing-ip.ts';

const at = (text: string): IpAddress => text as IpAddress;
const file = [
  { address: at('10.1.0.100'), device: 'eth0:1', prefix: 24 },
  { address: at('10.1.0.101'), device: 'eth0:2', prefix: 24 },
  { address: at('10.1.0.102'), device: 'eth0:3', prefix: undefined },
  { address: at('10.2.0.1'), device: 'eth1:1', prefix: 24 },
  { address: at('2001:db8::64'), device: 'eth0', prefix: 64 },
];
/** Another file has the IPv4 ones on other devices. */
const moved = file.map((each) => ({
  ...each,
  device: each.device.includes(':')
    ? each.device.replace(/eth(.)/, (_, digit) => `eth${digit === '0' ? 1 : 0}`)
    : each.device,
}));
/** The router's own, and floating ones that somebody adds by hand, also where the file does not want them. */
const byHand = [...['10.1.0.2', '10.1.0.3', '10.2.0.2'], ...file.map(({ address }) => address)].map(at);
const isFloating = (address: IpAddress): boolean => file.some((each) => each.address === address);
const names = ['eth0', 'eth1', 'lo', 'wan0'];

type Deed =
  | { readonly type: 'add'; readonly name: string; readonly address: IpAddress; readonly prefix: number }
  | { readonly type: 'rename'; readonly name: string; readonly fresh: string }
  | { readonly type: 'flush'; readonly name: string }
  | { readonly type: 'remake'; readonly name: string }
  | { readonly type: 'raise'; readonly count: number; readonly lease: number | undefined }
  | { readonly type: 'lower'; readonly count: number }
  /** While pulse did not run. */
  | { readonly type: 'other-file' };

const name = fc.constantFrom(...names);
const card = fc.constantFrom('eth0', 'eth1', 'wan0');
const count = fc.integer({ min: 1, max: file.length });
const deeds: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({
    ...{ type: fc.constant('add' as const), name, address: fc.constantFrom(...byHand) },
    prefix: fc.constantFrom(24, 32),
  }),
  fc.record({ type: fc.constant('rename' as const), name: card, fresh: card }),
  fc.record({ type: fc.constant('flush' as const), name }),
  fc.record({ type: fc.constant('remake' as const), name }),
  fc.record({ type: fc.constant('raise' as const), count, lease: fc.constantFrom(undefined, 14) }),
  fc.record({ type: fc.constant('lower' as const), count }),
  fc.record({ type: fc.constant('other-file' as const) }),
);

/** A router whose kernel lets pulse promote secondary addresses, or does not. */
function machine(promotes: boolean) {
  const kernel = fakeAddresses(['lo', 'eth0', 'eth1'], promotes);
  let notes: readonly RaisedAddress[] = [];
  let floating = file;
  const isSame = (one: { readonly address: string; readonly device: string }, note: RaisedAddress): boolean =>
    one.address === note.address && one.device.replace(/:.*/, '') === note.device;
  const raised = {
    all: () => notes,
    add: (fresh: readonly RaisedAddress[]) => {
      notes = [...notes.filter((note) => !fresh.some((each) => isSame(each, note))), ...fresh];
    },
    remove: (gone: readonly { readonly address: string; readonly device: string }[]) => {
      notes = notes.filter((note) => !gone.some((each) => isSame(each, note)));
    },
  };
  const ask: Ask = (lines) => {
    kernel.obey(lines);
    const answer: Outcome<Answer, string> = success({ interfaces: kernel.interfaces(), complaints: [] });
    return Promise.resolve(answer);
  };
  // Its life ends after every deed: all that is known of the past is in the file.
  const around = { raised, warn: () => undefined, promote: () => promotes };
  return {
    kernel,
    useOtherFile: () => {
      floating = floating === file ? moved : file;
    },
    raise: (count: number, lease: number | undefined) =>
      raising(ask, around)(floating.slice(0, count), lease, () => true),
    /** What a heartbeat does about what is up: nothing is added. */
    lookAfter: () => {
      const up = floating.filter((each) => notes.some((note) => isSame(each, note)));
      return raising(ask, around)(up, undefined, () => false);
    },
    lower: (count: number) => lowering(ask, around)(floating.slice(0, count)),
  };
}

async function play(all: readonly Deed[], promotes: boolean) {
  const made = machine(promotes);
  const { kernel } = made;
  let renamed = false;
  let changed = false;
  for (const deed of all) {
    const before = kernel.of('admin');
    if (deed.type === 'add') {
      // With its name a device takes the marks away from our addresses: nobody could tell the two hands apart.
      if (!renamed || !isFloating(deed.address)) kernel.add(deed.name, deed.address, deed.prefix);
    } else if (deed.type === 'rename') {
      // A former file's address is noted anew only where the file has no device: with a second name its label says nothing.
      if (changed) continue;
      kernel.rename(deed.name, deed.fresh);
      renamed = true;
      await made.lookAfter();
    } else if (deed.type === 'other-file') {
      made.useOtherFile();
      changed = true;
    } else if (deed.type === 'flush') kernel.flush(deed.name);
    else if (deed.type === 'remake') kernel.remake(deed.name);
    else {
      await (deed.type === 'raise' ? made.raise(deed.count, deed.lease) : made.lower(deed.count));
      expect(kernel.of('admin')).toEqual(before);
    }
  }
  return made;
}

const routes = fc.array(deeds, { maxLength: 12 });

test.each([true, false])(
  'what somebody else has put there stays, and all that pulse has raised goes down; promote_secondaries: %s',
  async (promotes) => {
    await fc.assert(
      fc.asyncProperty(routes, async (all) => {
        const { kernel, lower } = await play(all, promotes);
        const before = kernel.of('admin');
        await lower(file.length);
        expect(kernel.of('admin')).toEqual(before);
        expect(kernel.of('pulse')).toEqual([]);
      }),
      { numRuns: 500 },
    );
  },
);

test('an address that leaves a device does not come back for the sake of those that it led there', async () => {
  const raise = (count: number): Deed => ({ type: 'raise', count, lease: undefined });
  const { kernel } = await play([raise(2), { type: 'other-file' }, raise(1)], false);
  expect(kernel.of('pulse')).toEqual(['10.1.0.100/24 eth1', '10.1.0.101/24 eth0']);
});

test('addresses of others come first: none of them is a secondary one of ours once pulse has looked after it', async () => {
  await fc.assert(
    fc.asyncProperty(routes, async (all) => {
      const { kernel, raise } = await play(all, true);
      await raise(file.length, 14);
      const own = new Set(kernel.of('admin'));
      for (const { name: device, addresses } of kernel.interfaces()) {
        const led = addresses.filter(({ secondary }) => secondary === true);
        for (const { address, prefix } of led.filter((each) => own.has(`${each.address}/${each.prefix} ${device}`))) {
          const leader = addresses.find(
            (each) => each.prefix === prefix && each.secondary !== true && isNear(each.address, address),
          );
          expect(own.has(`${leader?.address ?? ''}/${prefix} ${device}`)).toBe(true);
        }
      }
    }),
    { numRuns: 500 },
  );
});

const isNear = (one: string, other: string): boolean => one.replace(/\d+$/, '') === other.replace(/\d+$/, '');
