// Random lvs.cf files, random edits of one, and random health of its servers.
import type { Configuration } from '@piranha/config';
import type { Health, ServerId } from '@piranha/ipvs';
import { serverId } from '@piranha/ipvs';
import fc from 'fast-check';
import type { Family, File, Method, ServerBlock, VirtualBlock } from './file.ts';

const methods = ['nat', 'direct', 'tunnel'] as const;
const schedulers = ['rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'dh', 'sh', 'sed', 'nq', 'mh', 'fo', 'ovf'];
const flags = ['sh-fallback', 'sh-port', 'mh-fallback', 'mh-port', 'flag-1', 'flag-2', 'flag-3'];

/** Usually the first, now and then one of the others. */
const mostly = <T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const anyName = fc.constantFrom('web', 'x{y', 'größe', '$(reboot)', '-A', 'two words', 'a "b" c', "it's");
const anyNetwork = mostly<Method | undefined>(undefined, ...methods);

const serverFields = {
  name: anyName,
  active: mostly(true, false),
  address: fc.nat(3),
  crossing: mostly(false, true),
  port: mostly<number | undefined>(undefined, 80, 8080, 65535, 0),
  weight: mostly(1, 0, 2, 5, 65535),
  network: anyNetwork,
  upper: mostly(0, 1, 100, 2147483647),
  lower: mostly(0, 1, 90, 2147483647),
};
const anyServer: fc.Arbitrary<ServerBlock> = fc.record(serverFields);

const virtualFields = {
  name: anyName,
  active: mostly(true, false),
  family: mostly<Family>(4, 6),
  address: fc.nat(1),
  protocol: mostly<'tcp' | 'udp'>('tcp', 'udp'),
  port: mostly(80, 0, 443, 65535),
  portLast: mostly(false, true),
  fwmark: mostly(0, 1, 7, 2147483648, 4294967295),
  scheduler: fc.constantFrom(...schedulers),
  flags: fc.subarray(flags),
  ops: fc.boolean(),
  persistent: mostly(0, 60, 300, 2678400),
  pmask: fc.nat(4),
  network: anyNetwork,
  sorry: mostly<number | undefined>(undefined, 0, 3),
  quiesce: fc.boolean(),
  servers: fc.array(anyServer, { maxLength: 4, size: 'max' }),
};
const anyVirtual: fc.Arbitrary<VirtualBlock> = fc.record(virtualFields);

const anyFile: fc.Arbitrary<File> = fc.record({
  network: fc.constantFrom(...methods),
  style: mostly<File['style']>('plain', 'dense', 'crlf'),
  virtuals: fc.array(anyVirtual, { maxLength: 5, size: 'max' }),
});

type Edit = (file: File) => File;
const anyPlace = fc.nat(9);

/** The list with one of its members as `edit` makes it; the place wraps around. */
const replaced = <T>(list: readonly T[], place: number, edit: (one: T) => readonly T[]): readonly T[] =>
  list.flatMap((each, index) => (index === place % list.length ? edit(each) : [each]));

const inVirtual =
  (place: number, edit: (one: VirtualBlock) => VirtualBlock): Edit =>
  (file) => ({ ...file, virtuals: replaced(file.virtuals, place, (one) => [edit(one)]) });

const oneKey = <T>(anyOther: fc.Arbitrary<T>, keys: readonly string[]): fc.Arbitrary<(one: T) => T> =>
  fc
    .tuple(anyOther, fc.constantFrom(...keys))
    .map(([other, key]) => (one) => ({ ...one, [key]: other[key as keyof T] }));

const anyServerEdit: fc.Arbitrary<(one: ServerBlock) => readonly ServerBlock[]> = fc.oneof(
  {
    weight: 4,
    arbitrary: oneKey(anyServer, Object.keys(serverFields)).map((edit) => (one: ServerBlock) => [edit(one)]),
  },
  { weight: 1, arbitrary: fc.constant(() => []) },
  { weight: 1, arbitrary: anyServer.map((added) => (one: ServerBlock) => [one, added]) },
);

/** Keys that leave a service the same one: they ask for edits. */
const settings = [
  'active',
  'scheduler',
  'flags',
  'ops',
  'persistent',
  'pmask',
  'network',
  'sorry',
  'quiesce',
  'portLast',
];

const anyVirtualEdit = fc.oneof(
  { weight: 4, arbitrary: oneKey(anyVirtual, settings) },
  { weight: 1, arbitrary: oneKey(anyVirtual, Object.keys(virtualFields)) },
);

/** One step from a file to the next: a changed key, a block more or less, another order. */
const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(anyPlace, anyVirtualEdit).map(([place, edit]) => inVirtual(place, edit)) },
  {
    weight: 8,
    arbitrary: fc
      .tuple(anyPlace, anyPlace, anyServerEdit)
      .map(([place, which, edit]) =>
        inVirtual(place, (one) => ({ ...one, servers: replaced(one.servers, which, edit) })),
      ),
  },
  anyPlace.map((place): Edit => (file) => ({ ...file, virtuals: replaced(file.virtuals, place, () => []) })),
  anyVirtual.map((added): Edit => (file) => ({ ...file, virtuals: [...file.virtuals, added] })),
  fc.constant<Edit>((file) => ({ ...file, virtuals: file.virtuals.toReversed() })),
  fc.constantFrom(...methods).map((network): Edit => (file) => ({ ...file, network })),
);

/** Two files: any two, or one and what became of it. */
export const anyTwoFiles: fc.Arbitrary<readonly [File, File]> = fc.oneof(
  { weight: 1, arbitrary: fc.tuple(anyFile, anyFile) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(anyFile, fc.array(anyEdit, { minLength: 1, maxLength: 8, size: 'max' }))
      .map(([file, edits]) => [file, edits.reduce((one, edit) => edit(one), file)] as const),
  },
);

/** What is known of a file's servers: the words again and again, server by server. */
export type Words = readonly Health[];

export const anyWords: fc.Arbitrary<Words> = fc.oneof(
  fc.constant<Words>(['up']),
  fc.array(fc.constantFrom<Health>('up', 'down', 'unknown'), { minLength: 1, maxLength: 4 }),
);

export function healthOf({ virtualServers }: Configuration, words: Words): ReadonlyMap<ServerId, Health> {
  const servers = virtualServers.flatMap((virtual) => virtual.servers.map((server) => serverId(virtual, server)));
  const each = [...new Set(servers)].sort();
  return new Map(each.map((server, index) => [server, words[index % words.length] ?? 'unknown']));
}
