// What keeps pulse and lvs from starting with a file that has no mistake.
import type { Configuration } from './configuration.ts';
import type { Diagnostic, Report } from './diagnostic.ts';
import { aboutFile } from './diagnostic.ts';
import type { Draft } from './draft-blocks.ts';
import type { HostUse } from './resolve.ts';

/** Complains of what is not built. */
export function checkService({ global }: Draft, report: Report): void {
  const place = global.given.get('service')?.value;
  if (global.values.service !== 'fos' || place === undefined) return;
  report.error(place, 'not-in-effect', 'service = fos: failover services are not built yet');
}

/** Why there is nothing to do; undefined where there is. */
export function nothingToDo(
  path: string,
  { virtualServers }: Configuration,
  lost: readonly HostUse[],
): Diagnostic | undefined {
  if (virtualServers.some((virtual) => virtual.active)) return undefined;
  // The original's words, which administrators look for.
  const message = `no active lvs services defined in ${path}`;
  if (lost.length === 0) {
    const hint = 'pulse does not start with this file; a virtual block needs active = 1';
    return { ...aboutFile('no-active-service', message), hint };
  }
  const names = lost.map(({ name }) => name).join(', ');
  const why = `but those that need the addresses of ${names}, and there are none`;
  return aboutFile('unknown-host', `${message} ${why}`);
}
