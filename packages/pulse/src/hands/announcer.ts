// The send_arp that is kept running, so that no announcement waits for a process to start.
import type { FloatingAddress, Instant, IpAddress } from '@piranha/domain';
import { baseDevice, describeEnding, formatMac, never } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { Interface, SendArpCommand, SendArpMessage } from '@piranha/protocol';
import { decodeSendArpMessage, encodeLine } from '@piranha/protocol';
import { keepRunning, toMachineTime } from '@piranha/runtime';

/** Where addresses are, and on which interfaces. */
type Where = readonly [addresses: readonly FloatingAddress[], interfaces: readonly Interface[]];

/** Says on the network where our addresses are, and asks whether they are somewhere else. */
export type Announcer = {
  /** Not after `until`. What the kernel does not show as up here is not announced at all. */
  readonly announce: (...where: readonly [...Where, until: Instant]) => void;
  /** Another station that answers is logged. */
  readonly probe: (...where: Where) => void;
  /** They are let go: who has them from now on may say so. */
  readonly forget: (addresses: readonly FloatingAddress[]) => void;
  readonly close: () => Promise<void>;
};

/** Starts send_arp, and again, later each time, when it ends. `onLate` learns of announcements that it read too late. */
export function startAnnouncer(program: string, log: Logger, onLate: () => void): Announcer {
  let closing = false;
  /** Whose owner was asked for and still matters: an answer may be on its way when it does not any more. */
  const asked = new Set<IpAddress>();
  const child = keepRunning({
    file: program,
    args: ['--commands'],
    onLine: (line) => {
      tell(line);
    },
    onErrorLine: (line) => {
      log.warning(line);
    },
    onEnd: (ending) => {
      if (!closing) log.error(`send_arp ${describeEnding(ending)}; it is started again`);
    },
  });

  const tell = (line: string): void => {
    const decoded = decodeSendArpMessage(line);
    if (!decoded.ok) log.warning('send_arp sent an unknown message', { problem: decoded.error });
    else if (decoded.value.type === 'late') onLate();
    else if (asked.has(decoded.value.address)) log.warning(describe(decoded.value));
  };

  const send = (command: SendArpCommand): void => {
    child.send(encodeLine(command));
  };

  const close = async (): Promise<void> => {
    closing = true;
    await child.close(500);
  };
  return {
    announce: (addresses, interfaces, until) => {
      const limit = until === never ? {} : { until: toMachineTime(until) };
      for (const each of placesOf(addresses, interfaces)) send({ type: 'announce', ...each, ...limit });
    },
    probe: (addresses, interfaces) => {
      for (const each of placesOf(addresses, interfaces)) {
        asked.add(each.address);
        send({ type: 'probe', ...each });
      }
    },
    forget: (addresses) => {
      for (const { address, device } of addresses) {
        if (asked.delete(address)) send({ type: 'forget', device: baseDevice(device), address });
      }
    },
    close,
  };
}

/** Where each of them is; nothing of those on devices without a hardware address. */
const placesOf = (...[addresses, interfaces]: Where) =>
  addresses.flatMap(({ address, device }) => {
    const base = baseDevice(device);
    // Its device may have got another name since it was raised.
    const found =
      interfaces.find((each) => each.name === base) ??
      interfaces.find(
        ({ loopback, addresses: all }) => loopback !== true && all.some((entry) => entry.address === address),
      );
    return found?.mac === undefined ? [] : [{ device: found.name, address, mac: found.mac }];
  });

/** Two stations with one address: what an administrator has to know of it. */
const describe = ({ address, device, mac }: Extract<SendArpMessage, { readonly type: 'taken' }>): string =>
  `${address} is in use on ${device} by another station, ${formatMac(mac)}: take it down there. A real server of direct ` +
  'routing must not answer for it; the other router must not hold it while this one does';
