export * from './ask-pulse.ts';
