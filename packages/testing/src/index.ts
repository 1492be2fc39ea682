export * from './recording-logger.ts';
