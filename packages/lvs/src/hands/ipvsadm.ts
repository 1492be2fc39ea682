// Runs ipvsadm: one batch in, and the table read back.
import { existsSync } from 'node:fs';
import { failure, seconds, success } from '@piranha/domain';
import type { Outcome } from '@piranha/domain';
import type { Loads, Table } from '@piranha/ipvs';
import { parseConnections, readTable, restoreLine } from '@piranha/ipvs';
import { asking, describeFailure, oneLine, runCommand } from '@piranha/runtime';
import type { RunBatch } from './batches.ts';
import { batchLimit as limit, runBatch } from './batches.ts';
import { makeSettings } from './ipvs-settings.ts';
import type { TableResult, TableWork } from '../keeper.ts';

/**
 * Loads the kernel's module if asked to, writes the changes if there are any, and reads the table, once `readable` says
 * that nobody else does.
 */
export async function runIpvsadm(
  work: Omit<TableWork, 'run'>,
  run = runBatch,
  readable: Promise<unknown> = Promise.resolve(),
): Promise<TableResult> {
  const trouble = work.loadModule ? await loadModule() : '';
  if (trouble !== '')
    return { complaint: '', finished: false, timeouts: undefined, settings: [], read: failure(trouble) };
  const timeouts = await setTimeouts(work);
  const written = await write(work, run);
  await readable;
  const read = await readBack(work);
  // Last: the first ipvsadm may have made the kernel load IPVS, and with it the files.
  return { ...written, timeouts, settings: read.ok ? makeSettings(work.settings) : [], read };
}

/** The table as it is, with thresholds only where they matter. */
export const readBack = ({
  ipvsadm,
  thresholds,
}: Pick<TableWork, 'ipvsadm' | 'thresholds'>): Promise<Outcome<Table, string>> =>
  readTable(asking(ipvsadm, limit), thresholds);

/** Whoever asks for a report does not wait longer. */
const listingLimit = seconds(1.5);

/** Weight and connections of every real server in the table. */
export async function readLoads(ipvsadm: string): Promise<Outcome<Loads, string>> {
  const listed = await asking(ipvsadm, listingLimit)('-L', '-n');
  return listed.ok ? success(parseConnections(listed.value)) : listed;
}

/** The status of an ipvsadm whose last line had no effect. */
const lastLineFailed = 255;

/** ipvsadm goes on after most bad lines, and its status is that of the last one: its standard error tells. */
async function write(
  { ipvsadm, commands }: Pick<TableWork, 'ipvsadm' | 'commands'>,
  run: RunBatch,
): Promise<Pick<TableResult, 'complaint' | 'finished'>> {
  if (commands.length === 0) return { complaint: '', finished: true };
  const written = await run(ipvsadm, commands.map((command) => `${restoreLine(command)}\n`).join(''));
  if (written.ok) return { complaint: oneLine(written.value.stderr), finished: true };
  const { status, stderr } = written.error;
  if (status === lastLineFailed && stderr !== '') return { complaint: oneLine(stderr), finished: true };
  return { complaint: describeFailure(written.error), finished: false };
}

async function setTimeouts({
  ipvsadm,
  timeouts,
}: Pick<TableWork, 'ipvsadm' | 'timeouts'>): Promise<TableResult['timeouts']> {
  if (timeouts === undefined) return undefined;
  const args = ['--set', timeouts.tcp, timeouts.tcpFin, timeouts.udp].map(String);
  const set = await runCommand({ file: ipvsadm, args, limit });
  return { sent: timeouts, problem: set.ok ? '' : describeFailure(set.error) };
}

/** The kernel loads the schedulers itself, but not IPVS. Silent when it is there, loaded or built in. */
async function loadModule(): Promise<string> {
  const problem = await modprobe('ip_vs');
  if (problem === '' || existsSync('/proc/net/ip_vs')) return '';
  return `this kernel has no IPVS, and its module cannot be loaded: ${problem}`;
}

/** Why FTP over NAT cannot work; empty where its module is there, loaded now or before. */
export async function loadFtpModule(): Promise<string> {
  const problem = await modprobe('ip_vs_ftp');
  return existsSync('/sys/module/ip_vs_ftp') ? '' : problem;
}

async function modprobe(module: string): Promise<string> {
  const loaded = await runCommand({ file: '/sbin/modprobe', args: [module], limit });
  return loaded.ok ? '' : describeFailure(loaded.error);
}
