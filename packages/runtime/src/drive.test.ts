import { createSocket } from 'node:dgram';
import { once } from 'node:events';
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

test('an observer sees each event with its actions before they are done', () => {
  const seen: string[] = [];
  const driver = drive<number, string, string>({
    initial: 0,
    step: (state, event) => ({ state: state + 1, actions: [`${event}!`] }),
    nextDeadline: () => never,
    hands: () => (action) => seen.push(`done ${action}`),
    onStep: (event, actions) => seen.push(`${event} gives ${actions.join()}`),
    clockEvent: () => 'clock',
    clock: systemClock,
    onBug: (error) => seen.push(String(error)),
  });
  driver.dispatch('event');
  expect(seen).toEqual(['event gives event!', 'done event!']);
});

test('the machine is woken at its deadline', async () => {
  const woken = await new Promise<string>((resolve) => {
    machine(resolve, after(systemClock.now(), milliseconds(20)));
  });
  expect(woken).toBe('woke');
});

test('of a process that was busy past a deadline, what has arrived meanwhile comes before the clock', async () => {
  const hearer = createSocket('udp4');
  const speaker = createSocket('udp4');
  try {
    hearer.bind(0, '127.0.0.1');
    await once(hearer, 'listening');
    const seen: string[] = [];
    const woken = new Promise<void>((resolve) => {
      const { driver } = machine(
        (text) => {
          seen.push(text);
          if (text === 'woke') resolve();
        },
        after(systemClock.now(), milliseconds(20)),
      );
      hearer.on('message', (text) => {
        driver.dispatch({ type: 'add', text: text.toString() });
      });
    });
    const { port } = hearer.address();
    await new Promise((sent) => {
      speaker.send('heard', port, '127.0.0.1', sent);
    });
    const end = systemClock.now() + 40;
    while (systemClock.now() < end);
    await woken;
    expect(seen).toEqual(['heard', 'woke']);
  } finally {
    hearer.close();
    speaker.close();
  }
});

test('a deadline is not put off by what keeps arriving', async () => {
  const seen: string[] = [];
  await new Promise<void>((resolve) => {
    const { driver } = machine(
      (text) => {
        seen.push(text);
        if (text === 'woke') resolve();
      },
      after(systemClock.now(), milliseconds(5)),
    );
    const arrive = (): void => {
      driver.dispatch({ type: 'add', text: 'word' });
      if (!seen.includes('woke') && seen.length < 1_000_000) setImmediate(arrive);
    };
    arrive();
  });
  expect(seen).toContain('woke');
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
