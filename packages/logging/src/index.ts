export type * from './logger.ts';
export * from './winston-logger.ts';
