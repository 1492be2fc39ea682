// What is known of the machine, before anything is judged.
import type { Outcome } from '@piranha/domain';
import type { Interface } from '@piranha/protocol';
import type { Firewall } from './firewall.ts';

/** Something learnt, or in words why it could not be. */
export type Fact<T> = Outcome<T, string>;

/** A program that lists rules, and what it said. */
export type FirewallReport = {
  readonly tool: 'nft' | 'iptables-save' | 'ip6tables-save';
  /** Undefined where the program is not there: then nobody made rules with it. */
  readonly firewall: Fact<Firewall> | undefined;
};

export type Facts = {
  readonly interfaces: Fact<readonly Interface[]>;
  /** The devices of the default routes of IPv4. */
  readonly defaultDevices: Fact<readonly string[]>;
  /** Values by their paths below /proc/sys; one that could not be read is not there. */
  readonly sysctls: ReadonlyMap<string, number>;
  readonly firewalls: readonly FirewallReport[];
  /** The SELinux domain of this process; undefined where SELinux does not enforce anything. */
  readonly domain: Fact<string | undefined>;
};
