// One thing that an administrator should know of.

export type FindingCode =
  | 'no-role' | 'device-missing' | 'device-down' | 'sync-public'
  | 'forwarding-off' | 'strict-rp-filter' | 'redirects-sent'
  | 'mark-not-set' | 'heartbeat-dropped' | 'sync-dropped'
  | 'no-ipvsadm' | 'no-program' | 'selinux'; // prettier-ignore

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
