import { expect, test } from '@jest/globals';
import type { IpAddress } from '@piranha/domain';
import { milliseconds } from '@piranha/domain';
import { recordingLogger } from '@piranha/testing';
import { lateChannels } from './late-channels.ts';
import type { Channel } from './state.ts';

const inner: Channel = { name: 'private', own: '10.2.0.2' as IpAddress, partner: '10.2.0.3' as IpAddress };

test('a channel is tried again until it has begun; both is said once', async () => {
  const { log, lines } = recordingLogger();
  const late = lateChannels(log, milliseconds(1));
  let tries = 0;
  await new Promise<void>((resolve) => {
    const retry = (): Promise<void> => {
      tries += 1;
      late.expect(tries < 3 ? [inner] : [], [inner], retry);
      if (tries === 3) resolve();
      return Promise.resolve();
    };
    late.expect([inner], [inner], retry);
  });
  expect(late.all()).toEqual([]);
  expect(lines.map(({ text }) => text)).toEqual([
    'no heartbeat on the private network: this machine has not got 10.2.0.2 yet; it begins when the address is there',
    'heartbeat on the private network: 10.2.0.2 is there now',
  ]);
});

test('a file that does not want it any more ends that without a word', () => {
  const { log, lines } = recordingLogger();
  const late = lateChannels(log);
  late.expect([inner], [inner], () => Promise.resolve());
  late.expect([], [], () => Promise.resolve());
  expect([late.all(), lines.length]).toEqual([[], 1]);
  late.close();
});
