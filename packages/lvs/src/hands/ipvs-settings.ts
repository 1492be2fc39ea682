// The kernel's settings of IPVS: read, and written where they differ from the file.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IpvsSetting, IpvsSettings } from '@piranha/config';
import type { SettingResult } from '../keeper.ts';

/** Every network namespace sees its own here. */
const kernelFolder = '/proc/sys/net/ipv4/vs';

/** Makes the settings as they should be; without any it does nothing. Never throws. */
export const makeSettings = (wanted: IpvsSettings | undefined, folder = kernelFolder): readonly SettingResult[] =>
  Object.entries(wanted ?? {}).map(([name, value]) => makeSetting(join(folder, name), name as IpvsSetting, value));

function makeSetting(path: string, name: IpvsSetting, wanted: number | string): SettingResult {
  let found: number | string | undefined;
  try {
    found = readValue(readFileSync(path, 'utf8'));
    if (found !== wanted) writeFileSync(path, `${wanted}\n`, { flag: 'r+' });
    return { name, wanted, found, problem: '' };
  } catch (error) {
    return { name, wanted, found, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Several numbers stay a text, with one blank between two. */
function readValue(text: string): number | string {
  const words = text.trim().split(/\s+/);
  return words.length > 1 ? words.join(' ') : Number(words[0]);
}
