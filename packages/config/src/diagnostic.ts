// What is wrong with a configuration, and where.

import { visible } from '@piranha/domain';

/** A position in the file: line and column count from 1, columns in characters. */
export type Place = { readonly line: number; readonly column: number };

/** Stable names of all complaints. */
export type DiagnosticCode =
  // the file
  | 'unreadable' | 'empty' | 'too-large' | 'too-many' | 'bad-byte' | 'unknown-host'
  // blocks
  | 'quote-mismatch' | 'stray-brace' | 'missing-brace' | 'unclosed-block' | 'misplaced-block' | 'unknown-block'
  | 'missing-name' | 'stray-text'
  // entries
  | 'unknown-key' | 'missing-equals' | 'missing-value' | 'surplus-value' | 'duplicate-key'
  // values
  | 'not-a-number' | 'not-a-switch' | 'out-of-range' | 'not-allowed' | 'bad-address' | 'bad-mask' | 'bad-device'
  | 'bad-path' | 'bad-text' | 'not-a-list' | 'unknown-service'
  // rules between keys, servers and services
  | 'timers' | 'private-channel' | 'no-backup' | 'no-primary' | 'same-address' | 'no-key-file' | 'no-key' | 'no-address' | 'zero-port'
  | 'scheduler-flags' | 'one-packet' | 'thresholds' | 'port-order' | 'port-not-forwarded' | 'reentry' | 'no-persistence'
  | 'same-service' | 'same-server' | 'same-vip' | 'same-mark' | 'family' | 'router-address' | 'floating-server'
  | 'loopback-port' | 'router-as-server'
  // surely not meant
  | 'backup-unused' | 'no-servers' | 'zero-weight' | 'connect-only' | 'no-expect' | 'stale-udp'
  // what a nanny would refuse
  | 'bad-escape' | 'bad-expression' | 'no-shell'
  // what pulse would refuse
  | 'no-active-service' | 'no-role' | 'not-wanted' | 'key-file' | 'no-program' | 'no-device'
  | 'insecure-file' | 'insecure-program' | 'insecure-key' | 'no-user' | 'checks-as-root'
  // what a key does
  | 'not-in-effect' | 'no-effect' | 'replaced' | 'unused-failover'; // prettier-ignore

/** One complaint. Line 0 means the file as a whole. */
export type Diagnostic = Place & {
  readonly severity: 'error' | 'warning';
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint: string | undefined;
};

/** `lvs.cf:12:11: error: "10.0.0.300" is not an address`; without position where the whole file is meant. One line, whatever stands in the file. */
export function formatDiagnostic(file: string, { line, column, severity, message, hint }: Diagnostic): string {
  const where = line === 0 ? file : `${file}:${line}:${column}`;
  return visible(`${where}: ${severity}: ${message}${hint === undefined ? '' : ` (${hint})`}`);
}

/** A complaint about the file as a whole. */
export const aboutFile = (code: DiagnosticCode, message: string): Diagnostic => ({
  line: 0,
  column: 0,
  severity: 'error',
  code,
  message,
  hint: undefined,
});

/** Text from the file as it may stand in a message: in quotes, on one line, cut where it is long. */
export function quoted(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return visible(JSON.stringify(shown));
}

/** What may help; one that takes time to find is only looked for where it will be shown. */
type Hint = string | undefined | (() => string | undefined);

type Complain = (place: Place, code: DiagnosticCode, message: string, hint?: Hint) => void;

/** A complaint whose hint may not have been looked for yet. */
type Found = Omit<Diagnostic, 'hint'> & { readonly hint: Hint };

/** Collects complaints while a file is read. */
export type Report = {
  readonly error: Complain;
  readonly warning: Complain;
  readonly failed: () => boolean;
  /** In the order of the file. */
  readonly diagnostics: () => readonly Diagnostic[];
};

// A file that is no configuration at all must not fill the system log.
const mostShown = 1000;

/** An empty report. */
export function newReport(): Report {
  const found: Found[] = [];
  const complain =
    (severity: Diagnostic['severity']): Complain =>
    ({ line, column }, code, message, hint) => {
      found.push({ line, column, severity, code, message, hint });
    };
  return {
    error: complain('error'),
    warning: complain('warning'),
    failed: () => found.some((one) => one.severity === 'error'),
    diagnostics: () => inOrder([...most(found, 'error'), ...most(found, 'warning')].map(withHint)),
  };
}

/** Takes complaints for what has no effect: each is a warning, but for codes that stay errors all the same. */
export const lenient = (report: Report, strictOn: readonly DiagnosticCode[] = []): Report => ({
  ...report,
  error: (place, code, message, hint) => {
    if (strictOn.includes(code)) report.error(place, code, message, hint);
    else report.warning(place, code, `${message}; nothing depends on it here`, hint);
  },
});

const withHint = ({ hint, ...found }: Found): Diagnostic => ({
  ...found,
  hint: typeof hint === 'function' ? hint() : hint,
});

const inOrder = <Each extends Place>(found: readonly Each[]): readonly Each[] =>
  found.toSorted((a, b) => a.line - b.line || a.column - b.column);

function most(found: readonly Found[], severity: Diagnostic['severity']): readonly Found[] {
  const all = inOrder(found.filter((one) => one.severity === severity));
  const last = all.at(-1);
  if (last === undefined || all.length <= mostShown) return all;
  const message = `${all.length - mostShown} more ${severity}s are not shown`;
  return [...all.slice(0, mostShown), { ...last, code: 'too-many', message, hint: undefined }];
}
