// Names of network devices.

/** The longest name that Linux gives a device, in bytes (IFNAMSIZ less the closing zero). */
const longestName = 15;

/** Whether a network device can have this name. */
export const isDeviceName = (text: string): boolean =>
  /^[^\s/\p{Cc}]+$/u.test(text) && Buffer.byteLength(text) <= longestName;
