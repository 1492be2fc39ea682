// The hands of pulse: does what step orders and tells what came of it.
import type { LoadedConfiguration } from '@piranha/config';
import type { Clock, Ending, FloatingAddress, ForeignAddress, Instant } from '@piranha/domain';
import { assertNever, never } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { Interface, LvsCommand, Trailer } from '@piranha/protocol';
import { decodeLvsMessage, encodeLine } from '@piranha/protocol';
import type { Child } from '@piranha/runtime';
import type { AddressBatch, RaisedFile } from '@piranha/runtime/addresses';
import { startChild, toMachineTime } from '@piranha/runtime';
import type { LivingLvs } from './hands/adopted-lvs.ts';
import type { Announcer } from './hands/announcer.ts';
import type { HeartbeatSockets } from './hands/heartbeat-socket.ts';
import type { LvsQuestions } from './hands/lvs-questions.ts';
import type { Ownership } from './hands/ownership.ts';
import { rareLines } from './hands/rare-lines.ts';
import type { PulseAction, PulseEvent } from './events.ts';
import { wordsOf } from './rules/words.ts';
import { commandHands } from './hands/command-hands.ts';
import type { TimersFile } from './hands/timers-file.ts';

/** What the hands work with. */
export type World = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly sockets: HeartbeatSockets;
  readonly addresses: AddressBatch;
  readonly announcer: Announcer;
  /** The configuration in force. */
  readonly loaded: () => LoadedConfiguration;
  /** The one that an earlier pulse has left. */
  readonly adopted?: LivingLvs | undefined;
  /** Keeps for the next pulse whether this router is the active one. */
  readonly ownership?: Ownership | undefined;
  /** Keeps for the next pulse which timers count. */
  readonly timers?: TimersFile | undefined;
  /** What may be up on this router because of pulse. */
  readonly raised?: Pick<RaisedFile, 'all' | 'watch'> | undefined;
  /** The interfaces as they were found at the start. */
  readonly interfaces: readonly Interface[];
  /** How lvs is started. */
  readonly lvs: { readonly file: string; readonly args: readonly string[] };
  /** Lines that lvs writes on standard error. */
  readonly onLvsLog: (line: string) => void;
  /** Asks lvs, and takes its answers. */
  readonly questions: LvsQuestions;
  readonly dispatch: (event: PulseEvent) => void;
  readonly onExit: () => void;
};

/** lvs stops its nannies and takes its services out; longer than this and it is killed (ms). */
const lvsGrace = 4000;

/** Makes the hands: what they are given is begun at once. */
export function makeHands(world: World): (action: PulseAction) => void {
  const balancer = balancerHands(world);
  const commands = commandHands(world);
  const addresses = addressHands(world);
  const lines = rareLines(world.log);
  const speak = speaker(world);
  return (action) => {
    switch (action.type) {
      case 'send':
        void speak(action.trailer);
        world.ownership?.note(action.trailer);
        return;
      case 'send-note':
        world.sockets.sendNote(action.note, action.channel);
        return;
      case 'start-lvs':
      case 'configure-lvs':
      case 'tick-lvs':
      case 'hand-orders':
      case 'stop-lvs':
      case 'kill-lvs':
        balancer(action);
        return;
      case 'raise-addresses':
      case 'lower-addresses':
      case 'announce':
      case 'probe':
        addresses(action);
        return;
      case 'sync-daemons':
      case 'run-command':
        commands.perform(action);
        return;
      case 'keep-timers':
        world.timers?.keep(action.timers);
        return;
      case 'news':
        lines.say(wordsOf(action.news));
        return;
      case 'exit':
        lines.close();
        void commands.settled().then(world.onExit);
        return;
      default:
        assertNever(action, 'pulse action');
    }
  };
}

/** Tells when the kernel takes no heartbeat, and when it does again. */
function speaker({ sockets, clock, dispatch }: World): (trailer: Trailer) => Promise<void> {
  let sends = true;
  return async (trailer) => {
    const taken = await sockets.send(trailer);
    if (taken && sends) return;
    sends = taken;
    dispatch({ type: 'voice', at: clock.now(), sends });
  };
}

type AddressAction = Extract<PulseAction, { type: 'raise-addresses' | 'lower-addresses' | 'announce' | 'probe' }>;

type Raise = Extract<AddressAction, { readonly type: 'raise-addresses' }>;
type Lower = Extract<AddressAction, { readonly type: 'lower-addresses' }>;

function addressHands({ clock, addresses, announcer, dispatch, interfaces: found }: World) {
  let interfaces = found;
  const tellForeign = foreignTeller(clock, dispatch);

  const raise = async ({ addresses: wanted, lease, by = never }: Raise): Promise<void> => {
    const result = await addresses.raise(wanted, lease, () => clock.now() < by);
    const at = clock.now();
    if (!result.ok) {
      dispatch({ type: 'addresses-not-up', at, problem: result.error });
      return;
    }
    const { added, displaced, foreign } = result.value;
    interfaces = result.value.interfaces;
    tellForeign(foreign);
    // What came up is news at once; where others really are is told with the next heartbeat.
    if (displaced.length === 0 || added.length > 0) dispatch({ type: 'addresses-up', at, added });
    else dispatch({ type: 'addresses-not-up', at, problem: displaced.join('; ') });
  };

  const lower = async ({ addresses: unwanted, kept }: Lower): Promise<void> => {
    announcer.forget(unwanted);
    const result = await addresses.lower(unwanted, kept);
    if (result.ok) {
      interfaces = result.value.interfaces;
      tellForeign(result.value.foreign);
    }
    const at = clock.now();
    if (result.ok) dispatch({ type: 'addresses-down', at });
    else dispatch({ type: 'addresses-not-down', at, problem: result.error });
  };

  const probe = async (wanted: readonly FloatingAddress[]): Promise<void> => {
    if (interfaces.length === 0) {
      const result = await addresses.interfaces();
      if (result.ok) interfaces = result.value;
    }
    announcer.probe(wanted, interfaces);
  };

  return (action: AddressAction): void => {
    switch (action.type) {
      case 'raise-addresses':
        void raise(action);
        return;
      case 'lower-addresses':
        void lower(action);
        return;
      case 'announce':
        announcer.announce(action.addresses, interfaces, action.until);
        return;
      case 'probe':
        void probe(action.addresses);
    }
  };
}

/** Nothing after nothing is no news. */
function foreignTeller(clock: Clock, dispatch: World['dispatch']) {
  let before = 0;
  return (foreign: readonly ForeignAddress[]): void => {
    if (foreign.length + before > 0) dispatch({ type: 'addresses-seen', at: clock.now(), ours: [], foreign });
    before = foreign.length;
  };
}

type BalancerAction = Extract<
  PulseAction,
  { type: 'start-lvs' | 'configure-lvs' | 'tick-lvs' | 'hand-orders' | 'stop-lvs' | 'kill-lvs' }
>;

function hearLvs({ clock, log, questions, dispatch }: World, line: string): void {
  const decoded = decodeLvsMessage(line);
  if (!decoded.ok) {
    log.warning('lvs sent an unknown message', { problem: decoded.error });
    return;
  }
  const message = decoded.value;
  if (message.type === 'report' || message.type === 'server-ordered') questions.onAnswer(message);
  else dispatch({ type: 'lvs-said', at: clock.now(), message });
}

function balancerHands(world: World) {
  const { clock, dispatch } = world;
  let child: Child | undefined;

  const say = (command: LvsCommand): void => child?.send(encodeLine(command));

  const configure = (): void => {
    for (const each of beginningOf(world)) say(each);
  };

  world.raised?.watch((addresses) => {
    say({ type: 'raised', addresses });
  });

  const onLine = (line: string): void => {
    hearLvs(world, line);
  };

  const onEnd = (ending: Ending): void => {
    child = undefined;
    world.questions.onLvsEnded();
    dispatch({ type: 'lvs-ended', at: clock.now(), ending });
  };

  const goOnWith = (lvs: Child): void => {
    child = lvs;
    world.questions.onLvsStarted(lvs.send);
  };

  if (world.adopted !== undefined) goOnWith(world.adopted.attach({ onLine, onEnd }));

  return (action: BalancerAction): void => {
    switch (action.type) {
      case 'kill-lvs':
        child?.signal('SIGKILL');
        return;
      case 'start-lvs':
        goOnWith(startChild({ ...world.lvs, onLine, onErrorLine: world.onLvsLog, onEnd }));
        configure();
        return;
      case 'configure-lvs':
        configure();
        return;
      case 'tick-lvs':
        say(tickOf(action, clock.now()));
        return;
      case 'hand-orders':
        say({ type: 'partner-orders', orders: action.orders });
        return;
      case 'stop-lvs':
        if (child !== undefined) void child.stop(lvsGrace);
        else dispatch({ type: 'lvs-ended', at: clock.now(), ending: { type: 'exited', code: 0 } });
    }
  };
}

/** What lvs is told first, and again after a reload. */
function beginningOf({ loaded, raised }: World): readonly LvsCommand[] {
  const { path, text, names } = loaded();
  const configure: LvsCommand = { type: 'configure', file: path, text, names };
  return raised === undefined ? [configure] : [configure, { type: 'raised', addresses: raised.all() }];
}

function tickOf({ spokenAt, ...said }: Extract<PulseAction, { type: 'tick-lvs' }>, now: Instant): LvsCommand {
  const spoken = spokenAt === undefined ? {} : { spokenAt: toMachineTime(spokenAt) };
  return { ...said, type: 'tick', sentAt: toMachineTime(now), ...spoken };
}
