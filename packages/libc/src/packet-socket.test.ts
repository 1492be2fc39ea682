import { expect, test } from '@jest/globals';
import { openPacketSocket } from './packet-socket.ts';

// Whether this user may have such a socket depends on the machine; no test sends anything on its devices.
const nowhere = 'no-such-device';

test('without a device of that name the reason is the words of the system', () => {
  const socket = openPacketSocket();
  const answer = socket.ok ? socket.value.send(nowhere, new Uint8Array(60)) : socket;
  expect(['No such device', 'Operation not permitted']).toContain(answer.ok ? 'sent' : answer.error);
  if (socket.ok) socket.value.close();
});

test('a closed socket sends nothing, and closing twice does no harm', () => {
  const socket = openPacketSocket();
  const close = (): void => {
    if (socket.ok) socket.value.close();
  };
  close();
  close();
  const answer = socket.ok ? socket.value.send(nowhere, new Uint8Array(60)) : socket;
  expect(['the socket is closed', 'Operation not permitted']).toContain(answer.ok ? 'sent' : answer.error);
});
