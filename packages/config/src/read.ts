// The words of one entry as one typed value. A reader answers with the value or with what is wrong.
import type { IpAddress, IpFamily, Millis, Outcome, Port } from '@piranha/domain';
import { asPort, failure, familyOf, isMulticast, isUnspecified, mappedIpv4, milliseconds } from '@piranha/domain';
import { parseIpAddress, prefixOfMask, success } from '@piranha/domain';
import type { HostText } from './configuration.ts';
import type { DiagnosticCode } from './diagnostic.ts';
import { quoted } from './diagnostic.ts';
import { nearest } from './hint.ts';
import type { Word } from './lex.ts';

/** What is wrong with a value; `word` where it is not the first one. */
export type Complaint = {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint: string | undefined;
  readonly word?: Word | undefined;
};

/** The words after `=`: at least one. */
type ValueWords = readonly [Word, ...Word[]];
export type Reader<T> = (words: ValueWords) => Outcome<T, Complaint>;
type TextReader<T> = (text: string) => Outcome<T, Complaint>;

const bad = (code: DiagnosticCode, message: string, hint?: string): Outcome<never, Complaint> =>
  failure({ code, message, hint });

const surplus = (word: Word): Outcome<never, Complaint> =>
  failure({
    code: 'surplus-value',
    message: `unexpected ${quoted(word.text)} after the value`,
    hint: 'a value of several words needs quotation marks around it',
    word,
  });

/** A value of exactly one word. */
const one =
  <T>(read: TextReader<T>): Reader<T> =>
  ([word, extra]) =>
    extra === undefined ? read(word.text) : surplus(extra);

const map = <T, U>(outcome: Outcome<T, Complaint>, change: (value: T) => U): Outcome<U, Complaint> =>
  outcome.ok ? success(change(outcome.value)) : outcome;

// Numbers as C reads them: decimal, 0x hexadecimal, octal with a leading 0.
const wholeNumber = /^[ \t]*([+-]?)(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)$/i;
const decimalNumber = /^(?:0|[1-9]\d*)\.\d+$/;

function parseWhole(text: string): number | undefined {
  const [, sign, digits] = wholeNumber.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const size = /^0[0-7]/.test(digits) ? parseInt(digits, 8) : Number(digits);
  return sign === '-' && size > 0 ? -size : size;
}

function whole(text: string): Outcome<number, Complaint> {
  const value = parseWhole(text);
  if (value !== undefined) return success(value);
  const octal = /^[+-]?0\d+$/.test(text) ? 'a leading 0 makes a number octal' : undefined;
  return bad('not-a-number', `${quoted(text)} is not a whole number`, octal);
}

const within = (text: string, value: number, least: number, most: number): Outcome<number, Complaint> =>
  value >= least && value <= most
    ? success(value)
    : bad('out-of-range', `${quoted(text)} is out of range`, `${least} to ${most}`);

const wholeWithin =
  (least: number, most: number): TextReader<number> =>
  (text) => {
    const value = whole(text);
    return value.ok ? within(text, value.value, least, most) : value;
  };

/** A whole number of a range. */
export const integer = (least: number, most: number): Reader<number> => one(wholeWithin(least, most));

/** 1 or 0. */
export const flag: Reader<boolean> = one((text) => {
  const value = parseWhole(text);
  if (value === 0 || value === 1) return success(value === 1);
  return bad('not-a-switch', `${quoted(text)} is neither 1 nor 0`, 'write 1 for yes, 0 for no');
});

function secondsWithin(text: string, least: number, most: number): Outcome<Millis, Complaint> {
  const value = decimalNumber.test(text) ? Number(text) : parseWhole(text);
  if (value === undefined) return bad('not-a-number', `${quoted(text)} is not a number of seconds`);
  return map(within(text, value, least, most), (count) => milliseconds(Math.round(count * 1e6) / 1e3));
}

/** Seconds, decimals allowed, of a range. */
export const duration = (least: number, most: number): Reader<Millis> =>
  one((text) => secondsWithin(text, least, most));

/** Seconds of a range, or 0 for off. */
export const durationOrZero = (least: number, most: number): Reader<Millis> =>
  one((text) => (parseWhole(text) === 0 ? success(milliseconds(0)) : secondsWithin(text, least, most)));

/** One of some words, or seconds of a range. */
export const wordOrDuration = <W extends string>(
  words: readonly W[],
  least: number,
  most: number,
): Reader<W | Millis> =>
  one<W | Millis>((text) => {
    const word = words.find((each) => each === text);
    return word === undefined ? secondsWithin(text, least, most) : success(word);
  });

/** One of some words; upper and lower case count. */
export const oneOf = <W extends string>(...words: readonly W[]): Reader<W> => one((text) => allowed(words, text));

function allowed<W extends string>(words: readonly W[], text: string): Outcome<W, Complaint> {
  const word = words.find((each) => each === text);
  if (word !== undefined) return success(word);
  const meant = nearest(text, words);
  const hint = meant === undefined ? `one of ${words.join(' ')}` : `did you mean ${quoted(meant)}?`;
  return bad('not-allowed', `${quoted(text)} is not allowed here`, hint);
}

/** Several words of a list, separated by blanks or commas. */
export const someOf =
  <W extends string>(...words: readonly W[]): Reader<readonly W[]> =>
  (given) => {
    const texts = given.flatMap(({ text }) => text.split(/[ \t,]+/)).filter((text) => text !== '');
    const read = texts.map((text) => allowed(words, text));
    const wrong = read.find((each) => !each.ok);
    return wrong?.ok === false ? wrong : success(read.flatMap((each) => (each.ok ? [each.value] : [])));
  };

/** Any text. */
export const text: Reader<string> = one(success);

/** Text that is not empty. */
export const word: Reader<string> = one((value) =>
  value === '' ? bad('missing-value', 'the value is empty') : success(value),
);

/** What every Linux takes for a program and its arguments, with room for the environment and the server's address. */
const longestCommand = 64 * 1024;

/** A program with its arguments, split at blanks: there is no shell and no quoting inside. Empty means none. */
export const command: Reader<readonly string[] | undefined> = one((value) => {
  if (Buffer.byteLength(value) > longestCommand) {
    return bad('out-of-range', 'the command is too long to be run', `${longestCommand} bytes at most`);
  }
  const words = value.split(/[ \t]+/).filter((each) => each !== '');
  return success(words.length === 0 ? undefined : words);
});

/** The name of a user (useradd(8)). */
export const userName: Reader<string> = one((name) =>
  /^[a-z_][a-z0-9_.-]{0,31}\$?$/i.test(name)
    ? success(name)
    : bad('bad-text', `${quoted(name)} is not the name of a user`),
);

/** A path from the root. */
export const path: Reader<string> = one((value) =>
  value.startsWith('/') ? success(value) : bad('bad-path', `${quoted(value)} is not a path that begins with /`),
);

/** `[ a b c ]`; what follows the closing bracket is not read. */
export const list: Reader<readonly string[]> = (words) => {
  const end = words.findIndex((each) => each.text === ']');
  if (words[0].text !== '[' || end < 0) return bad('not-a-list', 'a list is expected', 'such as [ one two ]');
  return success(words.slice(1, end).map((each) => each.text));
};

const hostName = /^\w(?:[\w.-]*[\w.])?$/;
// What looks like a number is meant as an address (an old resolver would read 10.1 as 10.0.0.1).
const numberLike = /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/i;

function hostText(value: string): Outcome<HostText, Complaint> {
  const address = parseIpAddress(value);
  if (address !== undefined) return singleHost(value, address);
  const bracketed = parseIpAddress(/^\[(.*)\](?::\d+)?$/.exec(value)?.[1] ?? '');
  if (bracketed !== undefined) {
    return bad('bad-address', `${quoted(value)} is not an address`, `write ${bracketed} without brackets or port`);
  }
  if (value.includes(':') || numberLike.test(value)) {
    const zeros = /(?:^|\.)0\d/.test(value) ? 'leading zeros are not allowed' : undefined;
    const short = /^\d+(?:\.\d+){0,2}$/.test(value) ? 'all four numbers are needed' : undefined;
    return bad('bad-address', `${quoted(value)} is not an address`, zeros ?? short);
  }
  return hostName.test(value) && value.length <= 253
    ? success(value)
    : bad('bad-address', `${quoted(value)} is neither an address nor a host name`);
}

function singleHost(value: string, address: IpAddress): Outcome<HostText, Complaint> {
  const ipv4 = mappedIpv4(address);
  if (ipv4 !== undefined) return bad('bad-address', `${quoted(value)} is an IPv4 address`, `write ${ipv4}`);
  return isMulticast(address) || address === '255.255.255.255'
    ? bad('bad-address', `${quoted(value)} is the address of no single host`)
    : success(address);
}

const unspecified = (host: HostText): boolean => {
  const address = parseIpAddress(host);
  return address !== undefined && isUnspecified(address);
};

const hostOrNoneText = (value: string): Outcome<HostText | undefined, Complaint> =>
  map(hostText(value), (host) => (unspecified(host) ? undefined : host));

/** A host; 0.0.0.0 means none. */
export const hostOrNone: Reader<HostText | undefined> = one(hostOrNoneText);

/** A host that is not 0.0.0.0. */
export const host: Reader<HostText> = one((value) => {
  const read = hostText(value);
  return read.ok && unspecified(read.value) ? bad('bad-address', `${quoted(value)} is no host`) : read;
});

const interfaceName = /^\w[\w.@+-]*$/;
const interfaceLabel = /^\w[\w.@+-]*(?::[\w.@+-]+)?$/;
// Linux: IFNAMSIZ is 16 with the final NUL; a label has the same bound.
const longestDevice = 15;

function deviceText(value: string, pattern: RegExp): Outcome<string, Complaint> {
  if (value.length > longestDevice) {
    return bad('bad-device', `${quoted(value)} is too long for a device`, `${longestDevice} bytes at most`);
  }
  return pattern.test(value) ? success(value) : bad('bad-device', `${quoted(value)} is not a device`);
}

/** A network interface without a label. */
export const networkInterface: Reader<string> = one((value) => deviceText(value, interfaceName));

/** Where a floating address stands: a host (undefined for 0.0.0.0) and a device, which may have a label. */
export type HostOnDevice = { readonly host: HostText | undefined; readonly device: string };

/** An address and its device: two words. */
export const hostOnDevice: Reader<HostOnDevice> = ([first, second, extra]) => {
  if (extra !== undefined) return surplus(extra);
  const read = hostOrNoneText(first.text);
  if (!read.ok) return read;
  if (second === undefined) return bad('missing-value', 'a device is needed after the address', 'such as eth0:1');
  const device = deviceText(second.text, interfaceLabel);
  return device.ok ? success({ host: read.value, device: device.value }) : failure({ ...device.error, word: second });
};

/** A network's prefix length and the family of addresses it was written for. */
export type Mask = { readonly family: IpFamily; readonly prefix: number };

/** `255.255.255.0` for IPv4, a prefix length such as 64 for IPv6; 0.0.0.0 means none. */
export const mask: Reader<Mask | undefined> = one<Mask | undefined>((value) => {
  if (/^\d+$/.test(value)) return map(wholeWithin(1, 128)(value), (prefix) => ({ family: 6, prefix }));
  const address = parseIpAddress(value);
  if (address === undefined || familyOf(address) === 6) {
    return bad('bad-mask', `${quoted(value)} is not a netmask`, 'such as 255.255.255.0, or 64 for IPv6');
  }
  const prefix = prefixOfMask(address);
  if (prefix === undefined) return bad('bad-mask', `the netmask ${value} has holes`);
  return success(prefix === 0 ? undefined : { family: 4, prefix });
});

const toPort = (text: string, least: number): Outcome<Port, Complaint> => {
  const value = wholeWithin(least, 65535)(text);
  const found = value.ok ? asPort(value.value) : undefined;
  if (found !== undefined) return success(found);
  return value.ok ? bad('out-of-range', `${quoted(text)} is not a port`) : value;
};

/** A port by number alone. */
export const portNumber: Reader<Port> = one((value) => toPort(value, 0));

/** A port by number, or the name of a service that is looked up later. */
export const portOrName = (least: number): Reader<Port | string> =>
  one<Port | string>((value) =>
    /^\w*[a-z][\w.+-]*$/i.test(value) && parseWhole(value) === undefined ? success(value) : toPort(value, least),
  );
