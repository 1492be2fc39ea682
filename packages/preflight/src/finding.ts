// One thing that an administrator should know of.

export type FindingCode =
  | 'device-down' | 'sync-public'
  | 'forwarding-off' | 'strict-rp-filter' | 'redirects-sent'
  | 'mark-not-set' | 'heartbeat-routed' | 'heartbeat-dropped' | 'sync-dropped'
  | 'selinux'; // prettier-ignore

export type Finding = {
  readonly code: FindingCode;
  readonly severity: 'warning';
  readonly message: string;
  /** What to do. */
  readonly hint: string;
};

export const finding = (code: FindingCode, message: string, hint: string): Finding => ({
  code,
  severity: 'warning',
  message,
  hint,
});
