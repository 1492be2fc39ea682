// Programs that are to be run, and whether SELinux lets this one run them.
import type { Configuration } from '@piranha/config';
import type { ProgramState } from '@piranha/runtime';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';
import { grouped } from './grouped.ts';
import { namedPrograms } from './programs.ts';

export const programFindings = (configuration: Configuration, facts: Facts): readonly Finding[] => [
  ...ipvsadm(configuration, facts),
  ...others(configuration, facts),
  ...selinux(facts),
];

function ipvsadm({ ipvsadm: path }: Configuration, { programs }: Facts): readonly Finding[] {
  const trouble = troubleOf(programs.get(path));
  if (trouble === undefined) return [];
  const hint = 'install the package ipvsadm, or let the key ipvsadm name its path';
  return [finding('no-ipvsadm', `${path} ${trouble}: nothing can be written to the IPVS table`, hint)];
}

function others(configuration: Configuration, { programs }: Facts): readonly Finding[] {
  return [...grouped(namedPrograms(configuration), ({ word }) => word)].flatMap(([word, uses]) => {
    const trouble = troubleOf(programs.get(word));
    if (trouble === undefined) return [];
    const more = uses.length > 1 ? ` and ${uses.length - 1} more` : '';
    const hint =
      programs.get(word) === 'missing' ? 'install it, or correct the path; there is no shell' : `chmod +x ${word}`;
    return [finding('no-program', `${word} (${uses[0]?.source ?? ''}${more}) ${trouble}`, hint)];
  });
}

function troubleOf(state: ProgramState | undefined): string | undefined {
  if (state === 'missing') return 'is not there';
  return state === 'not-executable' ? 'can not be run' : undefined;
}

/** Domains that may do everything. */
const unconfined = /^(?:unconfined|initrc|kernel|spc|sysadm)(?:_|$)/;

function selinux({ domain }: Facts): readonly Finding[] {
  if (!domain.ok || domain.value === undefined || unconfined.test(domain.value)) return [];
  const message = `SELinux is enforcing, and this process is confined to the domain ${domain.value}: it needs the capabilities net_admin and net_raw, and to run ipvsadm, ip and the programs of lvs.cf`;
  return [finding('selinux', message, 'ausearch -m avc -ts recent shows what is denied')];
}
