// Bundles a program below build/lib. What it imports only when it is needed (`await import(…)`) becomes a file of its
// own beside it: a process that does without does not read it, which for many nannies saves start-up time and memory.
import { parse } from 'node:path';
import { build } from 'esbuild';

const program = process.argv[2];
const parts = new Map([[`${program}.cjs`, `./packages/${program}/src/main.ts`]]);

/** Leaves dynamic imports to their own files, and notes which files there have to be. */
const apart = {
  name: 'apart',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /.*/ }, async ({ path, kind, resolveDir }) => {
      if (kind !== 'dynamic-import' || path.startsWith('node:')) return undefined;
      const found = await resolve(path, { kind: 'import-statement', resolveDir });
      if (found.errors.length > 0) return { errors: found.errors };
      const file = `${program}-${parse(path).name}.cjs`;
      parts.set(file, found.path);
      return { path: `./${file}`, external: true };
    });
  },
};

for (const [file, entry] of parts) {
  await build({
    entryPoints: [entry],
    outfile: `build/lib/${file}`,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    // Otherwise a dynamic import brings Node's loader for modules with it.
    supported: { 'dynamic-import': false },
    conditions: ['@piranha/source'],
    external: ['koffi'],
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [apart],
  });
}
