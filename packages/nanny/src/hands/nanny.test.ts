import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import type { IpAddress, Port } from '@piranha/domain';
import { milliseconds } from '@piranha/domain';
import type { NannyMessage } from '@piranha/protocol';
import { checkWith } from '../testing/fake-check.ts';
import { startNanny } from './nanny.ts';

test('a real server that goes away and comes back is reported each time, while a hanging one delays nothing', async () => {
  const messages = new EventEmitter<Record<NannyMessage['type'], [NannyMessage]>>();
  const nanny = startNanny({ report: (message) => messages.emit(message.type, message) });
  const watch = (server: string, port: Port, expected: string | null): void => {
    const check = checkWith({
      ...{ address: '127.0.0.1' as IpAddress, port, expect: expected },
      ...{ timeout: milliseconds(expected === null ? 50 : 60_000), fall: 2, rise: 2 },
    });
    nanny.obey({ type: 'watch', watch: server, check, known: 'unknown' });
  };

  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const real = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(real, 'listening');
  const { port } = real.address() as AddressInfo;

  watch('slow', (silent.address() as AddressInfo).port as Port, 'HTTP');
  watch('web/one', port as Port, null);
  expect(await once(messages, 'up')).toEqual([{ type: 'up', watch: 'web/one' }]);

  const gone = once(messages, 'down');
  real.close();
  expect(await gone).toEqual([{ type: 'down', watch: 'web/one', reason: 'connection refused' }]);

  const back = once(messages, 'up');
  real.listen(port, '127.0.0.1');
  expect(await back).toEqual([{ type: 'up', watch: 'web/one' }]);

  nanny.stop();
  await Promise.all([real, silent].map((server) => once(server.close(), 'close')));
});
