// The hands for the kernel's sync daemons. Both run from start to stop on both routers: a takeover starts nothing.
import type { Configuration } from '@piranha/config';
import type { Outcome } from '@piranha/domain';
import { failure, seconds, success } from '@piranha/domain';
import type { SyncPlace } from '@piranha/ipvs';
import { parseSyncDaemons, syncDaemonCommands } from '@piranha/ipvs';
import { describeFailure, runCommand } from '@piranha/runtime';

const limit = seconds(5);

/** Compares what runs with what should and runs what makes up the difference; the outcome says in words what failed. */
export function makeSyncHands() {
  let ours = false;
  return async (ipvsadm: string, wanted: Configuration['syncDaemon']): Promise<Outcome<void, string>> => {
    // Daemons that we have not started are somebody else's as long as the file wants none.
    if (wanted === undefined && !ours) return success(undefined);
    const done = await makeSo(ipvsadm, wanted);
    ours = wanted !== undefined || !done.ok;
    return done;
  };
}

async function makeSo(ipvsadm: string, wanted: SyncPlace | undefined): Promise<Outcome<void, string>> {
  const listed = await runCommand({ file: ipvsadm, args: ['-L', '--daemon'], limit });
  if (!listed.ok) return failure(describeFailure(listed.error));
  const problems: string[] = [];
  for (const args of syncDaemonCommands(parseSyncDaemons(listed.value.stdout), wanted)) {
    const ran = await runCommand({ file: ipvsadm, args, limit });
    if (!ran.ok) problems.push(describeFailure(ran.error));
  }
  return problems.length === 0 ? success(undefined) : failure(problems.join('; '));
}
