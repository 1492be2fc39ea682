// Heartbeat channels whose own address this machine has not got yet: said once, and tried again until it has.
import type { Millis, Outcome } from '@piranha/domain';
import { seconds } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import { lateText } from '../rules/status.ts';
import type { Channel } from '../state-parts.ts';

/** Keeps an eye on them. */
export type LateChannels = {
  /** Of those that are wanted these cannot be opened now; `retry` tries all of them again, and calls this again where it can. */
  readonly expect: (absent: readonly Channel[], wanted: readonly Channel[], retry: Retry) => void;
  readonly all: () => readonly Channel[];
  readonly close: () => void;
};

/** The error says why it could not; then it is tried again, too. */
type Retry = () => Promise<Outcome<unknown, string>>;

const usualPause = seconds(1);

/** Starts with none. */
export function lateChannels(log: Logger, pause: Millis = usualPause): LateChannels {
  let late: readonly Channel[] = [];
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let told = '';

  const tell = (now: readonly Channel[], wanted: readonly Channel[]): void => {
    for (const channel of now.filter(({ own }) => !has(late, own)))
      log.warning(`${lateText(channel)}; it begins when the address is there`);
    const begun = late.filter(({ own }) => !has(now, own) && has(wanted, own));
    for (const { name, own } of begun) log.notice(`heartbeat on the ${name} network: ${own} is there now`);
  };
  const again = (retry: Retry): void => {
    timer = setTimeout(() => {
      void retry().then((tried) => {
        if (tried.ok || closed) return;
        // It has told of nothing new: what is in the way now is another thing than an absent address.
        if (tried.error !== told) log.warning(`${tried.error}; it is tried again`);
        told = tried.error;
        again(retry);
      });
    }, pause);
  };
  return {
    expect: (absent, wanted, retry) => {
      tell(absent, wanted);
      late = absent;
      told = '';
      clearTimeout(timer);
      if (late.length === 0 || closed) return;
      again(retry);
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
