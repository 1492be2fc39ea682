export * from './recording-logger.ts';
export * from './seeded-random.ts';
