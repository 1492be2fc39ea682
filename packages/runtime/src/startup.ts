// How a daemon begins, and whom it tells.
export { afterReady, daemonise, daemonStartup, foregroundStartup, isDaemonChild, loggedStartup } from './daemonise.ts';
export type { Startup } from './daemonise.ts';
export { serviceManager } from './service-manager.ts';
export type { ServiceManager } from './service-manager.ts';
