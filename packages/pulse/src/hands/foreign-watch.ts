// Looks whether an inactive router has floating addresses all the same, again and again: somebody may put them there.
import type { Millis, Outcome } from '@piranha/domain';
import { seconds } from '@piranha/domain';
import type { Seen } from '@piranha/runtime/addresses';

type Around = {
  readonly isInactive: () => boolean;
  /** Has to answer in bounded time. */
  readonly look: () => Promise<Outcome<Seen, string>>;
  readonly onSeen: (seen: Seen) => void;
};

/** From one look to the next: as long as two routers may answer before anybody knows. */
const usualPause = seconds(1);

/** Begins with a pause: pulse looks by itself when it starts. */
export function watchForForeign({ isInactive, look, onSeen }: Around, pause: Millis = usualPause) {
  let timer: NodeJS.Timeout | undefined;
  let closing = false;

  const lookOnce = async (): Promise<void> => {
    const seen = isInactive() ? await look() : undefined;
    // It may have become active meanwhile: what is here then is in its place. A look that failed says nothing.
    if (seen?.ok === true && isInactive() && !closing) onSeen(seen.value);
    wait();
  };

  function wait(): void {
    if (!closing) timer = setTimeout(() => void lookOnce(), pause);
  }

  wait();
  return {
    close: (): Promise<void> => {
      closing = true;
      clearTimeout(timer);
      return Promise.resolve();
    },
  };
}
