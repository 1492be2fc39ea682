// Programs are killed, or hang.
import type { Act } from './act.ts';
import { costsOwner, free, nothing, takeoverMs } from './act.ts';
import { processesOf } from './processes.ts';
import type { RouterName, Site } from './site.ts';

const programs = ['pulse', 'lvsd', 'nanny', 'send_arp', 'ip'] as const;
type Program = (typeof programs)[number];

/** Those that run now. */
const pidsOf = (site: Site, router: RouterName, hit: readonly Program[]): string[] =>
  processesOf(site.router(router))
    .filter(({ program, zombie }) => !zombie && hit.some((each) => each === program))
    .map(({ pid }) => String(pid));

const signal = (site: Site, router: RouterName, name: string, pids: readonly string[]) =>
  site.router(router).run(['kill', `-${name}`, ...pids]);

const costOf = (hit: readonly Program[]): Act['cost'] =>
  hit.includes('pulse') || hit.includes('lvsd') ? costsOwner(takeoverMs) : free;

const breaksOf = (hit: readonly Program[]): NonNullable<Act['breaks']> => [
  ...(hit.includes('pulse') ? (['pulse'] as const) : []),
  ...(hit.includes('lvsd') ? (['lvs'] as const) : []),
];

/** One that has nobody who starts it again is started by hand. */
const kill = (what: string, hit: readonly Program[]): Act => ({
  name: `kill ${what}`,
  hits: 'router',
  lasts: [0, 4000],
  cost: costOf(hit),
  breaks: breaksOf(hit),
  deed: async (site, { router }) => {
    await signal(site, router, 'KILL', pidsOf(site, router, hit));
    return hit.includes('pulse') ? () => site.service(router, 'start') : nothing;
  },
});

const hang = (what: string, hit: readonly Program[]): Act => ({
  name: `hang ${what}`,
  hits: 'router',
  lasts: [500, 6000],
  cost: costOf(hit),
  breaks: breaksOf(hit),
  deed: async (site, { router }) => {
    const pids = pidsOf(site, router, hit);
    await signal(site, router, 'STOP', pids);
    return () => signal(site, router, 'CONT', pids);
  },
});

const one = programs.map((program) => [program, [program]] as const);

export const actsOnProcesses: readonly Act[] = [
  ...one.map(([what, hit]) => kill(what, hit)),
  kill('everything', programs),
  ...one.map(([what, hit]) => hang(what, hit)),
  hang('everything', programs),
];
