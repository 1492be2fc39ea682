// Names of network devices.

/** The device itself: `eth0:1` is a label on `eth0`. */
export const baseDevice = (device: string): string => device.replace(/:.*$/, '');
