// Which of the kernel's settings matter, as paths below /proc/sys, and how an administrator writes them.
import type { Configuration } from '@piranha/config';
import { baseDevice } from '@piranha/domain';
import { activeVirtuals } from './subjects.ts';

export const ipv4Forwarding = 'net/ipv4/ip_forward';
export const ipv6Forwarding = 'net/ipv6/conf/all/forwarding';
export const ofDevice = (device: string, name: string): string => `net/ipv4/conf/${device}/${name}`;

/** All that are read. */
export function sysctlPaths(configuration: Configuration): readonly string[] {
  const devices = activeVirtuals(configuration).map((virtual) => baseDevice(virtual.vip.device));
  const perDevice = ['all', ...new Set(devices)].flatMap((device) => [
    ofDevice(device, 'rp_filter'),
    ofDevice(device, 'send_redirects'),
  ]);
  return [ipv4Forwarding, ipv6Forwarding, ...perDevice];
}

/** With dots, as everybody writes them; sysctl(8) takes slashes where a device has a dot in its name. */
export const sysctlName = (path: string): string => (path.includes('.') ? path : path.replaceAll('/', '.'));

/** How to set them now and at every boot. */
export function setting(value: number, ...paths: readonly string[]): string {
  const pairs = paths.map((path) => `${sysctlName(path)}=${value}`);
  return `sysctl -w ${pairs.join(' ')}; the same in a file of /etc/sysctl.d keeps it`;
}
