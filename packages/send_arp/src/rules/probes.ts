// Questions whether anybody has an address already, and who answers: asked twice within a second, never waited for.
import type { IpAddress, IpFamily, MacAddress, Millis } from '@piranha/domain';
import { familyOf, milliseconds } from '@piranha/domain';
import type { FrameListener, PacketSocket } from '@piranha/libc';
import { answers, questionFrame, readClaim } from './by-family.ts';
import type { Binding } from './frame.ts';

/** An address that is asked for, and who asks: our own answers do not count. */
type Question = { readonly device: string; readonly address: IpAddress; readonly mac: MacAddress };

/** What the questions need. */
export type ProbeWorld = {
  readonly socket: PacketSocket;
  readonly pause: (length: Millis) => Promise<void>;
  /** Another station has said that the address is its own; told once a question. */
  readonly onTaken: (device: string, claim: Binding) => void;
  readonly complain: (problem: string) => void;
};

/** Asked questions. */
export type Probes = {
  readonly ask: (question: Question) => void;
  /** The answer does not matter any more. */
  readonly forget: (question: Pick<Question, 'device' | 'address'>) => void;
  /** Forgets all questions; resolves when nothing of them is left. */
  readonly close: () => Promise<void>;
};

const look: Millis = milliseconds(20);
/** A second of looks. */
const looks = 50;
/** Half of it is left when the question is asked again, for one frame may be lost. */
const looksAtRepeat = 25;
/** So many frames are read at one look; a flood of them keeps nobody from announcing. */
const framesALook = 200;

type Open = { readonly question: Question; readonly looksLeft: number };

/** All questions of one family on one device share a listener; without questions there is none. */
type Ear = {
  readonly device: string;
  readonly family: IpFamily;
  readonly listener: FrameListener;
  readonly open: Map<IpAddress, Open>;
};

/** Nothing is asked yet. No timer runs and no socket is open while nothing is. */
export function makeProbes(world: ProbeWorld): Probes {
  const { socket, pause, complain } = world;
  const ears = new Map<string, Ear>();
  let watching: Promise<void> | undefined;

  const earFor = ({ device, address }: Question): Ear | undefined => {
    const family = familyOf(address);
    const key = earName(device, address);
    const known = ears.get(key);
    if (known !== undefined) return known;
    const listener = socket.listen(device, answers[family]);
    if (!listener.ok) {
      complain(`nobody is asked for ${address} on ${device}: ${listener.error}`);
      return undefined;
    }
    const ear: Ear = { device, family, listener: listener.value, open: new Map() };
    ears.set(key, ear);
    return ear;
  };

  const watch = async (): Promise<void> => {
    while (ears.size > 0) {
      await pause(look);
      for (const [key, ear] of ears) {
        hear(ear, world);
        age(ear, world);
        if (ear.open.size > 0) continue;
        ear.listener.close();
        ears.delete(key);
      }
    }
    watching = undefined;
  };

  const ask = (question: Question): void => {
    const ear = earFor(question);
    if (ear === undefined) return;
    if (send(question, world)) ear.open.set(question.address, { question, looksLeft: looks });
    watching ??= watch();
  };

  const forget: Probes['forget'] = ({ device, address }) => {
    ears.get(earName(device, address))?.open.delete(address);
  };

  const close = async (): Promise<void> => {
    for (const { open } of ears.values()) open.clear();
    await watching;
  };
  return { ask, forget, close };
}

const earName = (device: string, address: IpAddress): string => `${familyOf(address)} ${device}`;

function send({ device, ...binding }: Question, { socket, complain }: ProbeWorld): boolean {
  const sent = socket.send(device, questionFrame(binding));
  if (!sent.ok) complain(`nobody is asked for ${binding.address} on ${device}: ${sent.error}`);
  return sent.ok;
}

/** Reads what has come in. */
function hear({ device, family, listener, open }: Ear, { onTaken }: ProbeWorld): void {
  for (let count = 0; count < framesALook; count += 1) {
    const frame = listener.receive();
    if (frame === undefined) return;
    const claim = readClaim(family, frame);
    const own = claim === undefined ? undefined : open.get(claim.address)?.question.mac;
    if (claim === undefined || own === undefined || claim.mac === own) continue;
    open.delete(claim.address);
    onTaken(device, claim);
  }
}

/** A look is over. */
function age({ open }: Ear, world: ProbeWorld): void {
  for (const [address, { question, looksLeft }] of open) {
    const goesOn = looksLeft === looksAtRepeat ? send(question, world) : looksLeft > 0;
    if (goesOn) open.set(address, { question, looksLeft: looksLeft - 1 });
    else open.delete(address);
  }
}
