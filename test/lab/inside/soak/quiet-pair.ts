// A loaded machine without faults: short timers, busy routers, requests as fast as they go. Nobody may take over.
import { pause } from '../command.ts';
import { faultSettings } from '../faults/settings.ts';
import type { Host } from '../host.ts';
import { vip } from '../lab.ts';
import type { Course } from './course.ts';
import type { Soak } from './watched-pair.ts';
import { watchedPair } from './watched-pair.ts';

const settings = { ...faultSettings, keepalive: 0.1, deadtime: 0.3 };

/** Processes of usual priority that do nothing but work, on each router. */
const busyOnEach = 2;

export function quietPair(minutes: number, say: (text: string) => void, keep: Soak['keep']): Promise<Course> {
  const act: Soak['act'] = async ({ lab }) => {
    const { r1, r2, client } = lab();
    const work = [r1, r2].flatMap((router) => Array.from({ length: busyOnEach }, () => beBusy(router)));
    const flood = requestsAtFullSpeed(client);
    say(`${busyOnEach} busy processes on each router, requests at full speed, for ${minutes} minutes`);
    await pause(minutes * 60_000);
    await Promise.all([...work, flood].map((each) => each.stop('SIGKILL')));
  };
  return watchedPair({ settings, act, keep });
}

const beBusy = (router: Host) => router.start(['sh', '-c', 'while :; do :; done']);

/** One after the other, each on a connection of its own. */
const requestsAtFullSpeed = (client: Host) =>
  client.start([
    ...['curl', '--silent', '--http1.0', '--max-time', '2', '--output', '/dev/null'],
    `http://${vip}/[1-99999999]`,
  ]);
