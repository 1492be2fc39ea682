// The send_arp that is kept running, so that no announcement waits for a process to start.
import { baseDevice, formatMac } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { Interface, SendArpCommand, SendArpMessage } from '@piranha/protocol';
import { decodeSendArpMessage, encodeLine } from '@piranha/protocol';
import type { FloatingAddress } from '@piranha/runtime';
import { describeEnding, keepRunning } from '@piranha/runtime';

/** Says on the network where our addresses are, and asks whether they are somewhere else. */
export type Announcer = {
  readonly announce: (addresses: readonly FloatingAddress[], interfaces: readonly Interface[]) => void;
  /** Another station that answers is logged. */
  readonly probe: (addresses: readonly FloatingAddress[], interfaces: readonly Interface[]) => void;
  readonly close: () => Promise<void>;
};

/** Starts send_arp, and again, later each time, when it ends. */
export function startAnnouncer(program: string, log: Logger): Announcer {
  let closing = false;
  const child = keepRunning({
    file: program,
    args: ['--commands'],
    onLine: (line) => {
      tell(line, log);
    },
    onErrorLine: (line) => {
      log.warning(line);
    },
    onEnd: (ending) => {
      if (!closing) log.error(`send_arp ${describeEnding(ending)}; it is started again`);
    },
  });

  const order = (type: SendArpCommand['type'], ...[addresses, interfaces]: Parameters<Announcer['announce']>): void => {
    for (const { address, device } of addresses) {
      const base = baseDevice(device);
      const mac = interfaces.find((each) => each.name === base)?.mac;
      if (mac !== undefined) child.send(encodeLine({ type, device: base, address, mac }));
    }
  };

  const close = async (): Promise<void> => {
    closing = true;
    await child.close(500);
  };
  return {
    announce: (...where) => {
      order('announce', ...where);
    },
    probe: (...where) => {
      order('probe', ...where);
    },
    close,
  };
}

function tell(line: string, log: Logger): void {
  const decoded = decodeSendArpMessage(line);
  if (decoded.ok) log.warning(describe(decoded.value));
  else log.warning('send_arp sent an unknown message', { problem: decoded.error });
}

/** Two stations with one address: what an administrator has to know of it. */
const describe = ({ address, device, mac }: SendArpMessage): string =>
  `${address} is in use on ${device} by another station, ${formatMac(mac)}: take it down there. A real server of direct ` +
  'routing must not answer for it; the other router must not hold it while this one does';
