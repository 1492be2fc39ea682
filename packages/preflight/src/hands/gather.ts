// Looks at the machine: reads and asks, changes nothing, one short command at a time.
import { readFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import type { Configuration } from '@piranha/config';
import { failure, seconds, success } from '@piranha/domain';
import { decodeInterfaces } from '@piranha/protocol';
import { runCommand } from '@piranha/runtime';
import { stateOfProgram } from '@piranha/runtime/trust';
import type { Fact, Facts, FirewallReport } from '../facts.ts';
import type { Firewall } from '../firewall.ts';
import { parseIptables } from '../iptables.ts';
import { at, list, parseJson, text } from '../json.ts';
import { parseNft } from '../nft.ts';
import { sysctlPaths } from '../sysctl-names.ts';

/** Each of these takes some 10 ms, and nobody waits for it; after this long it hangs and is killed. */
const limit = seconds(20);
/** A larger answer (characters) would keep us from other work while it is read. */
const mostText = 1_000_000;

/** This machine's interfaces and their addresses, or why they are not known. */
export async function listInterfaces(): Promise<Facts['interfaces']> {
  const listed = await ask('ip', ['-j', 'address']);
  return listed.ok ? decodeInterfaces(listed.value) : listed;
}

/** Learns what `findings` judges. Never throws: what cannot be learnt says why. */
export async function gatherFacts(configuration: Configuration): Promise<Facts> {
  const interfaces = await listInterfaces();
  const routes = await ask('ip', ['-j', '-4', 'route', 'show', 'default']);
  return {
    interfaces,
    defaultDevices: routes.ok ? devicesOf(routes.value) : routes,
    sysctls: await readSysctls(sysctlPaths(configuration)),
    firewalls: [
      await nftRules(),
      await rulesOf('iptables-save', [], (saved) => success(parseIptables(saved, 4))),
      await rulesOf('ip6tables-save', [], (saved) => success(parseIptables(saved, 6))),
    ],
    domain: await securityDomain(),
  };
}

/** Everybody's priority: pulse has a higher one, and its children would too. */
const normalPriority = (): readonly string[] => ['-n', String(Math.max(0, -getPriority())), '--'];

async function ask(file: string, args: readonly string[]): Promise<Fact<string>> {
  const answer = await runCommand({ file: 'nice', args: [...normalPriority(), file, ...args], limit });
  if (!answer.ok) return failure([answer.error.problem, answer.error.stderr].filter(Boolean).join(': '));
  const { stdout } = answer.value;
  return stdout.length > mostText ? failure(`${file} has printed too much to be read`) : success(stdout);
}

function devicesOf(routes: string): Fact<readonly string[]> {
  const parsed = routes === '' ? [] : parseJson(routes);
  return Array.isArray(parsed)
    ? success(list(parsed).flatMap(routeDevices))
    : failure('what ip has printed is not a list of routes');
}

/** A route of several hops has a device in each. */
const routeDevices = (route: unknown): readonly string[] =>
  [route, ...list(at(route, 'nexthops'))].map((each) => text(at(each, 'dev'))).filter((device) => device !== '');

/** Sets may be too large to be listed; then their elements are not known. */
async function nftRules(): Promise<FirewallReport> {
  const whole = await rulesOf('nft', ['-j', 'list', 'ruleset'], (json) => parseNft(json));
  if (whole.firewall?.ok !== false) return whole;
  return rulesOf('nft', ['-j', '-t', 'list', 'ruleset'], (json) => parseNft(json, true));
}

async function rulesOf(
  tool: FirewallReport['tool'],
  args: readonly string[],
  parse: (printed: string) => Fact<Firewall>,
): Promise<FirewallReport> {
  if ((await stateOfProgram(tool)) === 'missing') return { tool, firewall: undefined };
  const printed = await ask(tool, args);
  return { tool, firewall: printed.ok ? parse(printed.value) : printed };
}

async function readSysctls(paths: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const values = new Map<string, number>();
  for (const path of paths) {
    const value = Number((await contentOf(join('/proc/sys', path))) ?? Number.NaN);
    if (Number.isInteger(value)) values.set(path, value);
  }
  return values;
}

/** Undefined for a file that cannot be read. */
async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

async function securityDomain(): Promise<Facts['domain']> {
  const enforcing = await contentOf('/sys/fs/selinux/enforce');
  if (enforcing?.trim() !== '1') return success(undefined);
  const context = await contentOf('/proc/self/attr/current');
  const domain = context?.replaceAll('\0', '').trim().split(':')[2];
  return domain === undefined ? failure('the SELinux context of this process cannot be read') : success(domain);
}
