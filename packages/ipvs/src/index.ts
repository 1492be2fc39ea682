export * from './model-kernel.ts';
export { parseSaved } from './parse-saved.ts';
export type { SavedTable } from './parse-saved.ts';
export * from './parse-thresholds.ts';
export * from './plan.ts';
export { restoreLine } from './restore-lines.ts';
export type { TableCommand } from './restore-lines.ts';
export * from './table.ts';
export * from './wanted.ts';
