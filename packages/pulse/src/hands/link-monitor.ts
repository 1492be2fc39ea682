// Reads the links of our heartbeat addresses and of the devices of floating ones: when the kernel has news of links and addresses, and regularly.
import { isDeepStrictEqual } from 'node:util';
import type { Clock, Millis, Outcome } from '@piranha/domain';
import { between, instant, milliseconds, seconds } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { Interface } from '@piranha/protocol';
import type { LinkNews } from './link-news.ts';
import { linkNews } from './link-news.ts';
import { linksOf } from '../rules/links.ts';
import type { Links, WatchedPlaces } from '../state-parts.ts';

/** What a link monitor works with. */
type Around = {
  readonly clock: Clock;
  readonly log: Logger;
  /** The interfaces as they are; has to answer in bounded time. */
  readonly interfaces: () => Promise<Outcome<readonly Interface[], string>>;
  /** Takes every reading. */
  readonly onInterfaces: (interfaces: readonly Interface[]) => void;
  /** The same, as links; a reading that failed is not told, so the links before it still stand. */
  readonly onLinks: (links: Links) => void;
};

/** Watches nothing before `use`. */
type LinkMonitor = {
  /** Watches the links of these places from now on; nothing, where there are no channels: without a partner no link counts. */
  readonly use: (places: WatchedPlaces) => void;
  readonly close: () => Promise<void>;
};

/** From one reading to the next at the most, whatever the keepalive is: for changes that were not reported. */
const usualPause = seconds(3);
/** The same while there is news, which comes in bursts: a hundred addresses at a takeover. */
const shortPause = milliseconds(100);
/** Before the second look at a change: longer than a contact bounces, and short beside the shortest deadtime. */
const checkPause = milliseconds(30);

const nowhere: WatchedPlaces = { channels: [], carriers: [] };

/** Makes a monitor; it uses nothing of the machine as long as it watches nothing. */
export function linkMonitor(
  around: Around,
  makeNews: (onNews: () => void) => LinkNews = (onNews) => linkNews(around.clock, around.log, onNews),
): LinkMonitor {
  const reader = linkReader(around);
  const news = makeNews(reader.readSoon);
  return {
    use: (places) => {
      reader.use(places);
      if (places.channels.length > 0) news.start();
      else void news.stop();
    },
    close: async () => {
      reader.use(nowhere);
      await news.stop();
    },
  };
}

/** One reading at a time; what is new is read once more at once, as one reading does not count (pair.md §1). */
function linkReader({ clock, log, interfaces, onInterfaces, onLinks }: Around) {
  let places = nowhere;
  let last: Links | undefined;
  let timer: NodeJS.Timeout | undefined;
  let pause: Millis = usualPause;
  let endedAt = instant(-Infinity);
  let reading: 'none' | 'under-way' | 'outdated' = 'none';
  let failing = false;

  const readAfter = (after: Millis): void => {
    pause = after;
    clearTimeout(timer);
    if (places.channels.length === 0) return;
    timer = setTimeout(() => void read(), Math.max(0, pause - between(endedAt, clock.now())));
  };

  const readSoon = (): void => {
    // The second look at a change does not wait longer for more news.
    if (reading === 'none') readAfter(milliseconds(Math.min(pause, shortPause)));
    else reading = 'outdated';
  };

  const read = async (): Promise<void> => {
    reading = 'under-way';
    const changed = take(await interfaces());
    endedAt = clock.now();
    const again = isOutdated() ? shortPause : usualPause;
    reading = 'none';
    readAfter(changed ? checkPause : again);
  };
  // A function, for the compiler: this changes while `read` waits.
  const isOutdated = (): boolean => reading === 'outdated';

  /** Whether the links are not as they were. */
  const take = (outcome: Outcome<readonly Interface[], string>): boolean => {
    if (places.channels.length === 0) return false;
    if (!outcome.ok) {
      if (!failing) log.warning('the links cannot be read', { problem: outcome.error });
      failing = true;
      return false;
    }
    if (failing) log.notice('the links can be read again');
    failing = false;
    onInterfaces(outcome.value);
    const links = linksOf(outcome.value, places);
    const changed = !isDeepStrictEqual(last, links);
    last = links;
    onLinks(links);
    return changed;
  };

  const use = (fresh: WatchedPlaces): void => {
    places = fresh;
    last = undefined;
    readSoon();
  };
  return { use, readSoon };
}
