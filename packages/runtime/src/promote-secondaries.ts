// What the kernel does with the other addresses of a network when its first one is deleted.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const settingsOf = '/proc/sys/net/ipv4/conf';

/**
 * Has the kernel keep them on this device (`promote_secondaries`, ip-sysctl in the kernel's documentation): by default it
 * deletes them, too. False where that cannot be set.
 */
export function promoteSecondaries(device: string): boolean {
  const path = `${settingsOf}/${device}/promote_secondaries`;
  try {
    if (!existsSync(path) || isOn(path) || isOn(`${settingsOf}/all/promote_secondaries`)) return true;
    writeFileSync(path, '1');
    return true;
  } catch {
    // A container may not let us. Whoever deletes looks first then.
    return false;
  }
}

const isOn = (path: string): boolean => readFileSync(path, 'utf8').trim() === '1';
