// lvs below a parent that is no pulse: it ticks, ceases to, and goes away. What becomes of addresses and services.
import { nowMs, pause, until } from '../command.ts';
import type { Host } from '../host.ts';
import { processesOf } from '../host.ts';
import { lvsCf, makeLab, usualSettings, vip } from '../lab.ts';
import { hasVip } from '../look.ts';
import { ipvsTable, untilServing } from '../router.ts';
import { startWebServers } from '../web-server.ts';

/** lvs goes on for 3.5 s without a tick: deadtime, less keepalive, less a tenth of deadtime. */
const settings = { ...usualSettings, keepalive: 1, deadtime: 5 };
const limitMs = 3500;

/** The pipe, and the line that goes down it all the time. */
const pipe = '/run/lvs-in';
const tickLine = '/run/tick';

/** Starts lvs on a pipe that a process of its own holds open. */
async function startLvs(router: Host, said: string[]) {
  await router.must(['mkfifo', pipe]);
  const holder = router.start(['sh', '-c', `exec sleep 600 >${pipe}`]);
  router.start(['sh', '-c', `exec lvsd --pulse --nodaemon <${pipe}`], (line) => {
    said.push(line.startsWith('{') ? (JSON.parse(line) as { type: string }).type : `log: ${line}`);
  });
  const configure = { type: 'configure', file: 'lvs.cf', text: lvsCf(settings), names: {} };
  await router.must(['tee', pipe], `${JSON.stringify(configure)}\n`);
  const hears = (word: string, count: number): Promise<unknown> =>
    until(`${count} times ${word}`, 20_000, () => said.filter((each) => each === word).length >= count);
  return { holder, hears };
}

/** What is said down the pipe ten times a second from now on. */
const say = (router: Host, role: 'active' | 'standby', term: number): Promise<void> =>
  router.write(tickLine, `${JSON.stringify({ type: 'tick', role, term })}\n`);
const startTicks = (router: Host) =>
  router.start(['sh', '-c', `while :; do cat ${tickLine}; sleep 0.1; done >${pipe}`]);

/** Until lvs has said so, too: what the kernel shows already it may not have read back. */
async function serve(router: Host, term: number, ready: () => Promise<unknown>): Promise<void> {
  await say(router, 'active', term);
  await router.must(['ip', 'address', 'replace', `${vip}/24`, 'dev', 'eth0', 'label', 'eth0:1']);
  await ready();
  await untilServing(router, 2, 20_000);
}

/** How long after `since` the address was seen to be gone. */
async function untilGone(router: Host, since: number): Promise<number> {
  await until('the address to go down', 20_000, () => !hasVip(router));
  return Math.round(nowMs() - since);
}

const untilEmpty = (router: Host) =>
  until('an empty table', 20_000, async () => (await ipvsTable(router)).length === 0);

/** What entered the host stops together with an lvs that is suspended, and does not reap it afterwards. */
const livingProcesses = async (router: Host): Promise<string[]> =>
  (await processesOf(router)).filter((line) => !line.includes('<defunct>'));

/** Ticks that cease, an lvs that is suspended, and a pipe that ends. */
export async function lifeline() {
  const lab = await makeLab(settings);
  const said: string[] = [];
  try {
    const { r1 } = lab;
    await startWebServers(lab);
    const { holder, hears } = await startLvs(r1, said);
    await say(r1, 'active', 1);
    let ticks = startTicks(r1);
    await serve(r1, 1, () => hears('ready', 1));
    await pause(2 * limitMs);
    const ticked = { owner: hasVip(r1), entries: (await ipvsTable(r1)).length };

    await ticks.stop('SIGKILL');
    const ceased = { goneAfterMs: await untilGone(r1, nowMs()) };
    await hears('fenced', 1);
    await untilEmpty(r1);
    ticks = startTicks(r1);
    await hears('fenced', 3);
    const untouched = { owner: hasVip(r1), entries: (await ipvsTable(r1)).length };
    await say(r1, 'standby', 2);
    await hears('standing-by', 1);

    await serve(r1, 3, () => hears('ready', 2));
    const lvsPid = (await r1.must(['pgrep', '-x', 'lvsd'])).trim();
    await r1.must(['kill', '-STOP', lvsPid]);
    await pause(limitMs + 1000);
    const whileSuspended = hasVip(r1);
    await r1.must(['kill', '-CONT', lvsPid]);
    const suspended = { whileSuspended, goneAfterMs: await untilGone(r1, nowMs()) };
    await say(r1, 'standby', 4);
    await hears('standing-by', 2);

    await serve(r1, 5, () => hears('ready', 3));
    await Promise.all([ticks.stop('SIGKILL'), holder.stop('SIGKILL')]);
    const orphaned = { goneAfterMs: await untilGone(r1, nowMs()) };
    await until('the end of lvs', 20_000, async () => (await livingProcesses(r1)).length === 0);
    return { limitMs, ticked, ceased, untouched, suspended, orphaned, table: await ipvsTable(r1), said };
  } catch (error) {
    throw new Error(`${String(error)}; at last lvs said: ${said.slice(-20).join('; ')}`, { cause: error });
  } finally {
    await lab.destroy();
  }
}
