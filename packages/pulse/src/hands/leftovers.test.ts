import { expect, test } from '@jest/globals';
import type { FloatingAddress, IpAddress } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import { recordingLogger } from '@piranha/testing';
import { takeDownLeftovers } from './leftovers.ts';

const vip: FloatingAddress = { address: '10.1.0.100' as IpAddress, device: 'eth0:1', prefix: 24 };
const inside: FloatingAddress = { address: 'fd00::1' as IpAddress, device: 'eth1', prefix: undefined };

test('what an earlier life has left over of a former file goes down, or it is told that it does not', async () => {
  const { log, lines } = recordingLogger();
  const lowered: string[] = [];
  const raised = { others: (wanted: readonly FloatingAddress[]) => (wanted.includes(vip) ? [inside] : [vip, inside]) };
  const lower = (works: boolean) => (addresses: readonly FloatingAddress[], kept?: readonly FloatingAddress[]) => {
    expect(kept).toEqual([vip]);
    lowered.push(...addresses.map(({ address, device }) => `${address} ${device}`));
    return Promise.resolve(works ? success({ interfaces: [], ours: [], foreign: [] }) : failure('ip: no'));
  };
  await takeDownLeftovers([vip], raised, { lower: lower(false) }, log);
  await takeDownLeftovers([vip], raised, { lower: lower(true) }, log);
  await takeDownLeftovers([vip], { others: () => [] }, { lower: lower(true) }, log);
  expect(lowered).toEqual(['fd00::1 eth1', 'fd00::1 eth1']);
  expect(lines.map(({ level }) => level)).toEqual(['error', 'notice']);
});
