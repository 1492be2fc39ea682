import { expect, test } from '@jest/globals';
import type { IpAddress, Outcome } from '@piranha/domain';
import { failure, milliseconds, success } from '@piranha/domain';
import { recordingLogger } from '@piranha/testing';
import { lateChannels } from './late-channels.ts';
import type { Channel } from '../state-parts.ts';

const inner: Channel = { name: 'private', own: '10.2.0.2' as IpAddress, partner: '10.2.0.3' as IpAddress };

test('a channel is tried again until it has begun; both is said once', async () => {
  const { log, lines } = recordingLogger();
  const late = lateChannels(log, milliseconds(1));
  let tries = 0;
  await new Promise<void>((resolve) => {
    const retry = (): Promise<Outcome<undefined, string>> => {
      tries += 1;
      late.expect(tries < 3 ? [inner] : [], [inner], retry);
      if (tries === 3) resolve();
      return Promise.resolve(success(undefined));
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
  late.expect([inner], [inner], () => Promise.resolve(success(undefined)));
  late.expect([], [], () => Promise.resolve(success(undefined)));
  expect([late.all(), lines.length]).toEqual([[], 1]);
  late.close();
});

test('another trouble is said once, and the channel tried again all the same', async () => {
  const { log, lines } = recordingLogger();
  const late = lateChannels(log, milliseconds(1));
  let tries = 0;
  await new Promise<void>((resolve) => {
    late.expect([inner], [inner], () => {
      tries += 1;
      if (tries < 4) return Promise.resolve(failure('failed to bind to heartbeat address 10.2.0.2 port 539: in use'));
      late.expect([], [inner], () => Promise.resolve(success(undefined)));
      resolve();
      return Promise.resolve(success(undefined));
    });
  });
  expect(lines.map(({ text }) => text)).toEqual([
    'no heartbeat on the private network: this machine has not got 10.2.0.2 yet; it begins when the address is there',
    'failed to bind to heartbeat address 10.2.0.2 port 539: in use; it is tried again',
    'heartbeat on the private network: 10.2.0.2 is there now',
  ]);
});
