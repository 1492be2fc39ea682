// Runs ipvsadm: one batch in, and the table read back.
import { existsSync } from 'node:fs';
import { failure, seconds, success } from '@piranha/domain';
import type { Outcome } from '@piranha/domain';
import type { Table } from '@piranha/ipvs';
import { parseSaved, restoreLine, withThresholds } from '@piranha/ipvs';
import type { CommandFailure } from '@piranha/runtime';
import { runCommand } from '@piranha/runtime';
import { makeSettings } from './ipvs-settings.ts';
import type { TableResult, TableWork } from './state.ts';

/** One run takes some 10 ms; after this long it hangs and is killed. */
const limit = seconds(5);

/** Loads the kernel's module if asked to, writes the changes if there are any, and reads the table. */
export async function workOnTable(work: TableWork): Promise<TableResult> {
  const trouble = work.loadModule ? await loadModule() : '';
  if (trouble !== '')
    return { complaint: '', finished: false, timeouts: undefined, settings: [], read: failure(trouble) };
  const timeouts = await setTimeouts(work);
  const written = await write(work);
  const read = await readTable(work);
  // Last: the first ipvsadm may have made the kernel load IPVS, and with it the files.
  return { ...written, timeouts, settings: read.ok ? makeSettings(work.settings) : [], read };
}

/** The table as it is, with thresholds only where they matter: they cost a second run. */
export async function readTable({
  ipvsadm,
  thresholds,
}: Pick<TableWork, 'ipvsadm' | 'thresholds'>): Promise<Outcome<Table, string>> {
  const saved = await runCommand({ file: ipvsadm, args: ['-S', '-n'], limit });
  if (!saved.ok) return failure(inWords(saved.error));
  const { table } = parseSaved(saved.value.stdout);
  if (!thresholds) return success(table);
  const listed = await runCommand({ file: ipvsadm, args: ['-L', '-n', '--thresholds'], limit });
  return listed.ok ? success(withThresholds(table, listed.value.stdout)) : failure(inWords(listed.error));
}

/** ipvsadm goes on after most bad lines and ends with status 0 all the same: its standard error tells. */
async function write({ ipvsadm, commands }: TableWork): Promise<Pick<TableResult, 'complaint' | 'finished'>> {
  if (commands.length === 0) return { complaint: '', finished: true };
  const input = commands.map((command) => `${restoreLine(command)}\n`).join('');
  const written = await runCommand({ file: ipvsadm, args: ['-R'], input, limit });
  return written.ok
    ? { complaint: oneLine(written.value.stderr), finished: true }
    : { complaint: inWords(written.error), finished: false };
}

async function setTimeouts({ ipvsadm, timeouts }: TableWork): Promise<TableResult['timeouts']> {
  if (timeouts === undefined) return undefined;
  const args = ['--set', timeouts.tcp, timeouts.tcpFin, timeouts.udp].map(String);
  const set = await runCommand({ file: ipvsadm, args, limit });
  return { sent: timeouts, problem: set.ok ? '' : inWords(set.error) };
}

/** The kernel loads the schedulers itself, but not IPVS. Silent when it is there, loaded or built in. */
async function loadModule(): Promise<string> {
  const problem = await modprobe('ip_vs');
  if (problem === '' || existsSync('/proc/net/ip_vs')) return '';
  return `this kernel has no IPVS, and its module can not be loaded: ${problem}`;
}

/** Why FTP over NAT can not work; empty where its module is there, loaded now or before. */
export async function loadFtpModule(): Promise<string> {
  const problem = await modprobe('ip_vs_ftp');
  return existsSync('/sys/module/ip_vs_ftp') ? '' : problem;
}

async function modprobe(module: string): Promise<string> {
  const loaded = await runCommand({ file: '/sbin/modprobe', args: [module], limit });
  return loaded.ok ? '' : inWords(loaded.error);
}

const inWords = ({ problem, stderr }: CommandFailure): string =>
  stderr === '' ? problem : `${problem}: ${oneLine(stderr)}`;

const oneLine = (text: string): string => text.trim().replaceAll(/\s*\n\s*/g, '; ');
