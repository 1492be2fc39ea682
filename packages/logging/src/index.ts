export type * from './logger.ts';
