// The table of docs/pair.md, sentence by sentence: both routers have ours.
import { describe, expect, test } from '@jest/globals';
import { seconds } from '@piranha/domain';
import { activeRouter, ownSession, roles, router, sent, texts, types } from '../testing/fake-router.ts';

const phaseOf = (node: ReturnType<typeof router>): string => node.state().phase.type;
const living = (node: ReturnType<typeof router>, count: number | null): void => {
  node.give({ type: 'lvs-said', at: node.now(), message: { type: 'living', count } });
};

/** The partner says the same every keepalive. */
function hearFor(
  node: ReturnType<typeof router>,
  lengthInSeconds: number,
  said: Parameters<typeof node.hear>[0],
): void {
  for (let second = 0; second < lengthInSeconds; second += 1) {
    node.hear(said);
    node.pass(1);
  }
}

describe('an inactive router', () => {
  const inactive = (overrides: Parameters<typeof router>[0] = {}) => {
    const node = router(overrides);
    node.start();
    node.take();
    return node;
  };

  test.each([['leaving'], ['given']] as const)('takes at once when the partner is %s (E1)', (flag) => {
    const node = inactive({ role: 'backup' });
    node.hear({ [flag]: true });
    expect(phaseOf(node)).toBe('taking-over');
  });

  test('takes at once from a partner that cannot balance (E1)', () => {
    const node = inactive({ role: 'backup' });
    node.hear({ class: 0 });
    expect(phaseOf(node)).toBe('taking-over');
  });

  test('takes at once when its class is the better one (E2)', () => {
    const node = inactive({ role: 'backup' });
    node.hear({ class: 1 });
    expect(phaseOf(node)).toBe('taking-over');
  });

  test('outbids every term that it has heard, and says so in the first datagram', () => {
    const node = inactive();
    node.hear({ active: true, term: 41 });
    node.take();
    node.hear({ term: 41, leaving: true });
    expect(sent(node.take())).toMatchObject([{ active: true, term: 42, session: ownSession, hears: true }]);
  });

  test('at the last term there is, takes with that term', () => {
    const node = inactive();
    for (let step = 0; step < 4096; step += 1) node.hear({ term: 2 ** 32 - 1, active: true });
    node.hear({ term: 2 ** 32 - 1 });
    expect(sent(node.take()).at(-1)).toMatchObject({ active: true, term: 2 ** 32 - 1 });
  });

  test('takes a term that one datagram pushes to the end for a bounded step above those known', () => {
    const node = inactive();
    node.hear({ term: 2 ** 32 - 1 });
    expect(sent(node.take()).at(-1)).toMatchObject({ active: true, term: 2 ** 20 + 1 });
  });

  test('does not take what it heard two keepalives ago for an offer', () => {
    const node = inactive({ role: 'backup', deadtime: seconds(60) });
    node.hear();
    node.pass(10);
    expect(phaseOf(node)).toBe('inactive');
  });

  test('with links watched and the public one down never takes', () => {
    const node = inactive({ monitorLinks: true });
    const links = { public: 'down', private: undefined, carriers: [] } as const;
    node.give({ type: 'links', at: node.now(), links });
    node.give({ type: 'links', at: node.now(), links });
    node.hear({ leaving: true });
    node.pass(20);
    expect(phaseOf(node)).toBe('inactive');
  });
});

describe('two active routers', () => {
  test('the lower term yields (C1)', () => {
    const node = activeRouter();
    node.hear({ active: true, term: 9 });
    expect(phaseOf(node)).toBe('yielding');
  });

  test.each([
    ['primary', 'active'],
    ['backup', 'yielding'],
  ] as const)('of equal terms the %s is %s', (role, phase) => {
    const node = activeRouter({ role });
    node.hear({ active: true, term: 1 });
    expect(phaseOf(node)).toBe(phase);
  });

  test('the fitter one outbids the other once in a conflict (C2)', () => {
    const node = activeRouter();
    living(node, 2);
    node.hear({ active: true, term: 9, living: 0 });
    expect(sent(node.take()).at(-1)).toMatchObject({ active: true, term: 10 });
    node.hear({ active: true, term: 11, living: 0 });
    expect(phaseOf(node)).toBe('yielding');
  });

  test('one that is not heard cannot outbid', () => {
    const node = activeRouter();
    living(node, 2);
    node.hear({ active: true, term: 9, living: 0, hears: false });
    expect(phaseOf(node)).toBe('yielding');
  });

  test('an unknown number of living servers is no reason to outbid', () => {
    const node = activeRouter();
    living(node, 2);
    node.hear({ active: true, term: 9 });
    expect(phaseOf(node)).toBe('yielding');
  });

  test('a deaf one cannot yield: the other does after a keepalive, having said at once that it is there (C3)', () => {
    const node = activeRouter();
    node.take();
    node.hear({ active: true, hears: false });
    expect(types(node.take())).toContain('running');
    node.pass(0.5);
    node.hear({ active: true, hears: false });
    expect(phaseOf(node)).toBe('active');
    node.pass(0.5);
    node.hear({ active: true, hears: false });
    expect(phaseOf(node)).toBe('yielding');
  });

  test('all that a deaf one has said in the meantime may arrive at once, and proves no more than one word of it (C3)', () => {
    const node = activeRouter();
    for (let count = 0; count < 30; count += 1) node.hear({ active: true, hears: false });
    expect(phaseOf(node)).toBe('active');
    node.pass(0.5);
    node.hear({ active: true, hears: true });
    node.pass(0.5);
    node.hear({ active: true, hears: false });
    expect(phaseOf(node)).toBe('active');
  });

  test('the higher one answers each word at once, at most four times a keepalive, and announces once (C4)', () => {
    const node = activeRouter();
    node.pass(10);
    node.take();
    for (let count = 0; count < 20; count += 1) node.hear({ active: true, term: 0 });
    const said = types(node.take());
    expect(said.filter((type) => type === 'running')).toHaveLength(4);
    expect(said.filter((type) => type === 'announce')).toHaveLength(1);
  });

  test('the one that stays announces when the other has let go', () => {
    const node = activeRouter();
    node.pass(10);
    node.hear({ active: true, term: 0 });
    node.take();
    node.hear({ term: 1 });
    expect(types(node.take())).toEqual(['announce']);
  });

  test('one that was started by force outbids the partner once', () => {
    const node = router({ role: 'backup' });
    node.start(true);
    node.hear({ active: true, term: 9 });
    expect(sent(node.take()).at(-1)).toMatchObject({ active: true, term: 10, held: true });
    node.hear({ active: true, term: 12 });
    expect(phaseOf(node)).toBe('yielding');
  });
});

describe('an active router', () => {
  /** None of its servers lives, those of the partner do: it hands over. */
  const giver = () => {
    const node = activeRouter();
    node.pass(30);
    living(node, 0);
    hearFor(node, 3, { living: 2 });
    return node;
  };
  const addressesDown = (node: ReturnType<typeof router>): void => {
    node.give({ type: 'addresses-down', at: node.now() });
  };

  test('gives to a partner that is better for two keepalives, and then lets it take (H1, H3)', () => {
    const node = giver();
    expect(phaseOf(node)).toBe('yielding');
    node.take();
    addressesDown(node);
    expect(sent(node.take())).toMatchObject([{ active: false, given: true }]);
    hearFor(node, 2, { living: 2 });
    expect(phaseOf(node)).toBe('inactive');
  });

  test('does not give to one that is as good', () => {
    const node = activeRouter();
    living(node, 2);
    hearFor(node, 20, { living: 9 });
    expect(phaseOf(node)).toBe('active');
  });

  test('takes back what nobody takes', () => {
    const node = giver();
    addressesDown(node);
    hearFor(node, 3, { living: 0 });
    expect(phaseOf(node)).toBe('taking-over');
  });

  test('is left alone for ten deadtimes after it gave away, unless its lvs fails (H1)', () => {
    const node = giver();
    addressesDown(node);
    hearFor(node, 3, { living: 0 });
    node.ready();
    node.up();
    hearFor(node, 20, { living: 2 });
    expect(phaseOf(node)).toBe('active');
    hearFor(node, 10, { living: 2 });
    expect(phaseOf(node)).toBe('yielding');
  });

  test('gives to a partner that asks (H2)', () => {
    const node = activeRouter({ role: 'backup' });
    node.pass(10);
    hearFor(node, 2, { want: true });
    node.hear({ want: true });
    expect(phaseOf(node)).toBe('yielding');
  });

  test('serves on when it is worse off than a partner that does not hear it', () => {
    const node = activeRouter();
    node.pass(30);
    living(node, 0);
    hearFor(node, 5, { living: 2, hears: false });
    expect(phaseOf(node)).toBe('active');
  });

  test('is inactive when lvs has taken the addresses down for want of a tick, and says so (L1)', () => {
    const node = activeRouter();
    node.take();
    node.give({ type: 'lvs-said', at: node.now(), message: { type: 'fenced', term: 0 } });
    expect(phaseOf(node)).toBe('active');
    node.give({ type: 'lvs-said', at: node.now(), message: { type: 'fenced', term: 1 } });
    expect(phaseOf(node)).toBe('yielding');
    expect(types(node.take())).toEqual(['lower-addresses', 'run-command']);
    node.give({ type: 'addresses-down', at: node.now() });
    expect(types(node.take())).toEqual(['stopped']);
  });
});

describe('an active router after a conflict', () => {
  test('the one that stays announces its addresses again when the other has fallen silent', () => {
    const node = activeRouter({ deadtime: seconds(20) });
    node.hear({ active: true });
    node.pass(15);
    node.take();
    node.pass(10);
    expect(types(node.take()).filter((each) => each === 'announce')).not.toEqual([]);
  });
});

describe('an active router that hears its partner again after a silence', () => {
  test('announces its addresses: the partner may have had them, too', () => {
    const node = activeRouter();
    node.hear();
    node.pass(60);
    node.take();
    node.hear();
    node.pass(1);
    expect(types(node.take()).filter((each) => each === 'announce')).not.toEqual([]);
  });
});

describe('a router whose addresses go down', () => {
  test('says nothing, does not even answer a session that has to prove itself', () => {
    const node = activeRouter({ auth: 'require' });
    node.give({ type: 'stop', at: node.now(), reason: 'Terminating due to signal SIGTERM' });
    node.take();
    node.hear({ session: 99n });
    node.pass(2);
    expect(sent(node.take())).toEqual([]);
    node.give({ type: 'addresses-down', at: node.now() });
    node.hear({ session: 100n });
    expect(sent(node.take()).map(({ kind, leaving }) => [kind, leaving])).toEqual([
      ['heartbeat', true],
      ['heartbeat', true],
      ['heartbeat', true],
      ['answer', true],
    ]);
  });
});

describe('an active partner that signs well and cannot prove that it speaks now (W1)', () => {
  const alarms = (node: ReturnType<typeof router>) => texts(node.take()).filter((text) => text.includes('signs well'));
  const hearUnproved = (node: ReturnType<typeof router>, times: number): void => {
    hearFor(node, times, { session: 99n, active: true, echo: 0n });
  };

  test('is told once, when nothing else was heard for deadtime', () => {
    const node = activeRouter({ auth: 'require' });
    hearUnproved(node, 20);
    expect(alarms(node)).toHaveLength(1);
  });

  test('is a recording, and only counted, while the true one is heard', () => {
    const node = activeRouter({ auth: 'require' });
    node.hear({ echo: ownSession });
    node.take();
    for (let time = 0; time < 20; time += 1) {
      hearUnproved(node, 1);
      node.hear({ echo: ownSession });
    }
    expect(alarms(node)).toEqual([]);
  });
});

describe('failback', () => {
  const returned = (overrides: Parameters<typeof router>[0] = {}) => {
    const node = router({ failback: 'auto', failbackDelay: seconds(5), ...overrides });
    node.start();
    node.take();
    return node;
  };

  test('a primary asks for the service after failback_delay (H2)', () => {
    const node = returned();
    hearFor(node, 4, { active: true, term: 3 });
    expect(sent(node.take()).some((each) => each.want)).toBe(false);
    hearFor(node, 2, { active: true, term: 3 });
    expect(sent(node.take()).at(-1)).toMatchObject({ want: true });
  });

  test.each([
    ['where an operator has placed the service', { held: true }],
    ['while it is not heard', { hears: false }],
  ] as const)('it does not %s (H4)', (_, said) => {
    const node = returned();
    hearFor(node, 20, { active: true, term: 3, ...said });
    expect(sent(node.take()).some((each) => each.want)).toBe(false);
  });

  test('a backup never asks', () => {
    const node = returned({ role: 'backup' });
    hearFor(node, 20, { active: true, term: 3 });
    expect(sent(node.take()).some((each) => each.want)).toBe(false);
  });
});

describe('a restarted pulse whose lvs lives', () => {
  test('goes on as the active router at once, under the term that lvs knows', () => {
    const node = router();
    node.give({
      type: 'started',
      at: node.now(),
      force: false,
      adopted: { lives: true, serves: true, fenced: false, term: 7, held: true },
      timers: undefined,
    });
    const actions = node.take();
    expect(phaseOf(node)).toBe('active');
    expect(sent(actions)).toMatchObject([{ active: true, term: 7, held: true }]);
    expect(types(actions)).toEqual(['running', 'configure-lvs', 'raise-addresses', 'sync-daemons', 'announce']);
    expect(roles(actions)).toEqual(['active']);
  });
});

describe('another lvs.cf on the partner', () => {
  test('is told once, and once when the files are equal again', () => {
    const node = activeRouter();
    node.take();
    hearFor(node, 5, { digest: 'fedcba9876543210' });
    hearFor(node, 5, {});
    expect(texts(node.take()).filter((text) => text.includes('lvs.cf'))).toEqual([
      'the backup runs another lvs.cf than this router: make them equal and reload both',
      'both routers run the same lvs.cf again',
    ]);
  });
});
