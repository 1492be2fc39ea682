// nanny(8) and the program have the same options, commands and messages.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { NannyCommand, NannyMessage } from '@piranha/protocol';
import { decodeNannyCommand, decodeNannyMessage } from '@piranha/protocol';
import { nannyCommand } from './options.ts';

const page = readFileSync(new URL('../../man/nanny.8', import.meta.url), 'utf8').replaceAll('\\-', '-');

/** The text from one `.SH` to the next. */
function section(title: string): string {
  const found = page.split(/^\.SH /m).find((text) => text.startsWith(`${title}\n`));
  if (found === undefined) throw new Error(`the page has no section ${title}`);
  return found;
}

/** Words that head an entry: `.B` or `.BR` below `.TP`. */
const heads = (text: string): readonly string[] =>
  [...text.matchAll(/^\.TP\n\.BR? (.*)$/gm)].flatMap(([, line = '']) => line.split(/[\s",]+/));

test('every option has its entry', () => {
  const options = nannyCommand('nanny 0').options.flatMap(({ short, long }) => [short, long]);
  const named = [...section('OPTIONS').matchAll(/(?<![\w-])--?[\w?][\w-]*/g)].map(([word]) => word);
  expect(options.filter((name) => name != null && !named.includes(name))).toEqual([]);
  const known = [...options, '-?', '--help'];
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
});

/** Closed lists: a new type does not compile until it is named here, and does not pass until the page has it. */
const commands: Record<NannyCommand['type'], true> = { watch: true, forget: true, check: true, ping: true };
const messages: Record<NannyMessage['type'], true> = {
  ready: true,
  up: true,
  down: true,
  load: true,
  force: true,
  trouble: true,
  alive: true,
  log: true,
};

const talk = section('COMMANDS AND MESSAGES');

/** Lines that the page gives as examples; what is indented goes on with the line before. */
const examples = [...talk.matchAll(/^\.nf\n([^]*?)^\.fi$/gm)].map(([, block = '']) =>
  block.trimEnd().replaceAll(/\n +/g, '').split('\n'),
);

test('every type of command and of message has its entry', () => {
  expect([...heads(talk)].sort()).toEqual([...Object.keys(commands), ...Object.keys(messages)].sort());
});

test('its examples are one of each command, then one of each message, and nanny and lvs can read them', () => {
  const [asked = [], told = []] = examples;
  const read = [asked.map(decodeNannyCommand), told.map(decodeNannyMessage)];
  expect(read.map((all) => all.map((each) => (each.ok ? each.value.type : each.error)))).toEqual([
    Object.keys(commands),
    Object.keys(messages),
  ]);
});
