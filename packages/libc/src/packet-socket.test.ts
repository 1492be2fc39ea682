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

test('without a device of that name nothing is listened to, and the reason is the words of the system', () => {
  const socket = openPacketSocket();
  const answer = socket.ok ? socket.value.listen(nowhere, { etherType: 0x0806, bytes: [] }) : socket;
  expect(['No such device', 'Operation not permitted']).toContain(answer.ok ? 'listens' : answer.error);
  if (socket.ok) socket.value.close();
});

test('a listener gives nothing while nothing has come, nor when it is closed, and closing twice does no harm', () => {
  const socket = openPacketSocket();
  // No frame of this type passes here (it is kept for experiments), and none is sent.
  const listener = socket.ok ? socket.value.listen('lo', { etherType: 0x88b5, bytes: [{ at: 20, byte: 1 }] }) : socket;
  const look = (): string =>
    !listener.ok ? listener.error : listener.value.receive() === undefined ? 'nothing' : 'something';
  const close = (): void => {
    if (listener.ok) listener.value.close();
  };
  const looks = [look(), (close(), look()), (close(), look())];
  expect([['nothing', 'nothing', 'nothing'], Array(3).fill('Operation not permitted')]).toContainEqual(looks);
  if (socket.ok) socket.value.close();
});
