// An ipvsadm that notes every line it is given, and does what the real one does.
import type { Host } from './host.ts';

/** What lvs.cf says to use it. */
export const recordingLine = 'ipvsadm = /run/ipvsadm\n';

const record = '/run/ipvsadm-record';

// One that waits for lines may be started long before they come: it notes its run when it has them.
const program = `#!/bin/sh
if [ "$1" = -R ]; then
  lines=$(cat)
  [ -n "$lines" ] || exit 0
  printf 'run\\n%s\\n' "$lines" >>${record}
  printf '%s\\n' "$lines" | ipvsadm "$@"
else
  exec ipvsadm "$@"
fi
`;

/** Puts it on a router. */
export async function placeRecordingIpvsadm(router: Host): Promise<void> {
  await router.write('/run/ipvsadm', program);
  await router.must(['chmod', '+x', '/run/ipvsadm']);
  await forgetRuns(router);
}

/** Begins a new record. */
export const forgetRuns = (router: Host): Promise<void> => router.write(record, '');

/** The lines of each run of `ipvsadm -R` since then. */
export async function recordedRuns(router: Host): Promise<readonly (readonly string[])[]> {
  const runs = (await router.must(['cat', record])).split(/^run\n/m).slice(1);
  return runs.map((lines) => lines.split('\n').filter((line) => line !== ''));
}
