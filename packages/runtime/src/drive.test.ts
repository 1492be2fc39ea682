import { expect, test } from '@jest/globals';
import type { Instant } from '@piranha/domain';
import { after, instant, milliseconds, never } from '@piranha/domain';
import { drive } from './drive.ts';
import { systemClock } from './system-clock.ts';

type Event = { readonly type: 'clock'; readonly at: Instant } | { readonly type: 'add'; readonly text: string };
type State = { readonly wakeAt: Instant };

/** A machine that does what its events say: `add` is an action, and an action `again` dispatches another event. */
function machine(onAction: (text: string, dispatch: (event: Event) => void) => void, wakeAt: Instant = never) {
  const bugs: unknown[] = [];
  const driver = drive<State, Event, string>({
    initial: { wakeAt },
    step: (state, event) =>
      event.type === 'clock' ? { state: { wakeAt: never }, actions: ['woke'] } : { state, actions: [event.text] },
    nextDeadline: (state) => state.wakeAt,
    hands: (dispatch) => (action) => {
      onAction(action, dispatch);
    },
    clockEvent: (at) => ({ type: 'clock', at }),
    clock: systemClock,
    onBug: (error) => bugs.push(error),
  });
  return { driver, bugs };
}

test('an event that an action dispatches waits until the first is done', () => {
  const seen: string[] = [];
  const { driver } = machine((text, dispatch) => {
    seen.push(`${text} begins`);
    if (text === 'first') dispatch({ type: 'add', text: 'second' });
    seen.push(`${text} ends`);
  });
  driver.dispatch({ type: 'add', text: 'first' });
  expect(seen).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
});

test('the machine is woken at its deadline', async () => {
  const woken = await new Promise<string>((resolve) => {
    machine(resolve, after(systemClock.now(), milliseconds(20)));
  });
  expect(woken).toBe('woke');
});

test('a stopped machine ignores events and leaves no timer', () => {
  const seen: string[] = [];
  const { driver } = machine((text) => seen.push(text), instant(1e12));
  driver.stop();
  driver.dispatch({ type: 'add', text: 'late' });
  expect(seen).toEqual([]);
});

test('something that throws stops the machine and is reported', () => {
  const { driver, bugs } = machine(() => {
    throw new Error('broken hand');
  });
  driver.dispatch({ type: 'add', text: 'x' });
  driver.dispatch({ type: 'add', text: 'y' });
  expect(bugs).toEqual([new Error('broken hand')]);
});
