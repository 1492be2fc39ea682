// The text of lvs.cf becomes a typed value, without looking anything up.
import { assemble } from './assemble.ts';
import { checkAddresses } from './check-addresses.ts';
import { checkCommands } from './check-commands.ts';
import { checkDraft } from './check.ts';
import type { UnresolvedConfiguration } from './configuration.ts';
import type { Diagnostic, Report } from './diagnostic.ts';
import { newReport } from './diagnostic.ts';
import type { Draft } from './draft-blocks.ts';
import { readDraft } from './draft.ts';
import { reachOnRouter } from './on-router.ts';
import { parse } from './parse.ts';
import { leaveOutRepeated } from './repeated-marks.ts';
import type { HostUse } from './resolve.ts';
import { hostsOf } from './resolve.ts';
import { parseServices, wellKnownServices } from './services.ts';

/** What a text says. */
export type ParsedConfiguration = {
  /** Undefined where there is any error. */
  readonly configuration: UnresolvedConfiguration | undefined;
  /** The host names that have to be looked up. */
  readonly hosts: readonly HostUse[];
  /** All errors and warnings, in the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
};

/** Reads the text of lvs.cf; `services` is the text of /etc/services. Never throws, whatever the text. */
export function parseConfiguration(text: string, services = wellKnownServices): ParsedConfiguration {
  const { draft, report } = readText(text, services);
  checkAddresses(draft, {}, report);
  return {
    configuration: report.failed() ? undefined : assemble(draft),
    hosts: hostsOf(draft),
    diagnostics: report.diagnostics(),
  };
}

/** A text that was read, and what is wrong with it as yet. */
export type ReadText = { readonly draft: Draft; readonly report: Report };

/** Everything but the rules on addresses. */
export function readText(text: string, services: string): ReadText {
  const report = newReport();
  if (text === '') report.error({ line: 0, column: 0 }, 'empty', 'Empty configuration');
  const whole = readDraft(parse(text, report), parseServices(services), report);
  const draft = reachOnRouter(leaveOutRepeated(whole, {}, report), {});
  checkDraft(draft, report);
  checkCommands(draft, report);
  return { draft, report };
}
