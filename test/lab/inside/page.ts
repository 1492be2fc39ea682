// docs/real-servers.md as the lab uses it: its commands and its pieces of lvs.cf, by the names above them.
import { readFileSync } from 'node:fs';
import type { Host } from './host.ts';

/** The page, with the lab's addresses: its public network 10.1.0.0/24 in the place of 192.0.2.0/24. */
export type Page = {
  /** Runs the commands of one block on a host, as an administrator would who pastes them into a shell. */
  readonly run: (name: string, host: Host) => Promise<void>;
  /** All pieces of lvs.cf. */
  readonly lvsCf: string;
  /** Blocks that nobody has run, and how many blocks have no name. */
  readonly leftOver: () => { readonly notRun: readonly string[]; readonly nameless: number };
};

type Block = { readonly kind: string; readonly name: string; readonly text: string };

/** Reads the page. */
export function readPage(): Page {
  const text = readFileSync('docs/real-servers.md', 'utf8').replaceAll('192.0.2.', '10.1.0.');
  const found = text.matchAll(/^<!-- (run|lvs\.cf): (.+) -->\n```(?:sh)?\n([^]*?)^```$/gm);
  const blocks = [...found].map(([, kind = '', name = '', body = '']): Block => ({ kind, name, text: body }));
  const done = new Set<string>();
  return {
    run: async (name, host) => {
      const block = blocks.find((each) => each.kind === 'run' && each.name === name);
      if (block === undefined) throw new Error(`docs/real-servers.md has no commands named ${name}`);
      await host.must(['sh', '-e'], block.text);
      done.add(name);
    },
    lvsCf: blocks.flatMap((block) => (block.kind === 'lvs.cf' ? [block.text] : [])).join('\n'),
    leftOver: () => ({
      notRun: blocks.filter(({ kind, name }) => kind === 'run' && !done.has(name)).map(({ name }) => name),
      nameless: (text.match(/^```/gm)?.length ?? 0) / 2 - blocks.length,
    }),
  };
}
