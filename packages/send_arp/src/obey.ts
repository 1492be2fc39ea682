// send_arp as pulse keeps it running: it announces what standard input says, until that ends.
import type { Readable } from 'node:stream';
import { broadcastMac, familyOf, success } from '@piranha/domain';
import type { PacketSocket } from '@piranha/libc';
import type { SendArpCommand } from '@piranha/protocol';
import { decodeSendArpCommand, noLine, splitLines } from '@piranha/protocol';
import { isDeviceName } from './device.ts';
import { replyFrame, requestFrame } from './frame.ts';

/** Says one problem. */
export type Complain = (problem: string) => void;

/** No command is nearly as long, in characters. */
const longestCommand = 4096;

/** Obeys until the input ends. Whatever goes wrong is said, and the next command is obeyed all the same. */
export async function obey(input: Readable, socket: PacketSocket, complain: Complain): Promise<void> {
  rehearse();
  const announce = announcer(socket, complain);
  let rest = noLine;
  input.setEncoding('utf8');
  for await (const chunk of input as AsyncIterable<string>) {
    const split = splitLines(rest, chunk, longestCommand);
    rest = split.rest;
    if (split.dropped > 0)
      complain(`longer than ${longestCommand} characters and left out: ${split.dropped} command(s)`);
    for (const line of split.lines) {
      const command = decodeSendArpCommand(line);
      if (command.ok) announce(command.value);
      else complain(`unknown command: ${command.error}`);
    }
  }
  if (rest.overlong || rest.text !== '') complain('the last command has no line end; it was left out');
}

/** Goes once through everything but the sending, so that the first address does not wait for code to be compiled. */
function rehearse(): void {
  const command = decodeSendArpCommand('{"type":"announce","device":"lo","address":"192.0.2.1","mac":"020000000000"}');
  const silent: PacketSocket = { send: () => success(undefined), close: () => undefined };
  if (command.ok) announcer(silent, () => undefined)(command.value);
}

function announcer(socket: PacketSocket, complain: Complain): (command: SendArpCommand) => void {
  let toldIpv6 = false;
  return ({ device, address, mac }) => {
    if (familyOf(address) === 6) {
      if (!toldIpv6) complain(`${address}: IPv6 is not announced yet`);
      toldIpv6 = true;
      return;
    }
    if (!isDeviceName(device)) {
      complain(`${JSON.stringify(device)} is not the name of a network device`);
      return;
    }
    const binding = { address, mac };
    for (const frame of [requestFrame(binding), replyFrame(binding, broadcastMac)]) {
      const sent = socket.send(device, frame);
      if (sent.ok) continue;
      complain(`${address} is not announced on ${device}: ${sent.error}`);
      return;
    }
  };
}
