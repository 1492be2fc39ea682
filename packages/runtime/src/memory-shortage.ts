// Who is killed first when the machine runs out of memory (proc(5), oom_score_adj): not the daemons that hold the service.
import { readFileSync, writeFileSync } from 'node:fs';

/** -1000 would be never: one that leaks has to go, too. */
const amongTheLast = -900;
const likeOthers = 0;

const scoreOf = (pid: number | 'self', folder: string): string => `${folder}/${pid}/oom_score_adj`;

/** Lets this process, and what it starts from now on, be killed after others. May throw: that needs privileges. */
export function outliveOthers(folder = '/proc'): void {
  const path = scoreOf('self', folder);
  if (Number(readFileSync(path, 'utf8')) > amongTheLast) writeFileSync(path, String(amongTheLast));
}

/** Lets a child be killed like others; without effect on one that has ended. */
export function killedLikeOthers(pid: number, folder = '/proc'): void {
  try {
    writeFileSync(scoreOf(pid, folder), String(likeOthers));
  } catch {
    // It has ended, or stands below 0 by the will of somebody who may do more than we.
  }
}
