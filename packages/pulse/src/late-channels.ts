// Heartbeat channels whose own address this machine has not got yet: said once, and tried again until it has.
import type { Millis } from '@piranha/domain';
import { seconds } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { Channel } from './state.ts';

/** Keeps an eye on them. */
export type LateChannels = {
  /** Of those that are wanted these cannot be opened now; `retry` tries all of them again. */
  readonly expect: (absent: readonly Channel[], wanted: readonly Channel[], retry: () => Promise<unknown>) => void;
  readonly all: () => readonly Channel[];
  readonly close: () => void;
};

const usualPause = seconds(1);

/** Starts with none. */
export function lateChannels(log: Logger, pause: Millis = usualPause): LateChannels {
  let late: readonly Channel[] = [];
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const tell = (now: readonly Channel[], wanted: readonly Channel[]): void => {
    for (const channel of now.filter(({ own }) => !has(late, own)))
      log.warning(`${lateText(channel)}; it begins when the address is there`);
    const begun = late.filter(({ own }) => !has(now, own) && has(wanted, own));
    for (const { name, own } of begun) log.notice(`heartbeat on the ${name} network: ${own} is there now`);
  };
  return {
    expect: (absent, wanted, retry) => {
      tell(absent, wanted);
      late = absent;
      clearTimeout(timer);
      if (late.length === 0 || closed) return;
      timer = setTimeout(() => {
        void retry();
      }, pause);
    },
    all: () => late,
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
}

const has = (channels: readonly Channel[], address: Channel['own']): boolean =>
  channels.some(({ own }) => own === address);

/** What to say of one. */
export const lateText = ({ name, own }: Channel): string =>
  `no heartbeat on the ${name} network: this machine has not got ${own} yet`;
