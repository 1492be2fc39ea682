// Who may change or run what, and as whom.
export { mayRead, mayRun, programFromAnywhere, searchPath, stateOfProgram } from './find-program.ts';
export type { ProgramState } from './find-program.ts';
export { findCheckUser, findUser, localUsers } from './users.ts';
export type { CheckUser } from './users.ts';
export { exposureOfPath, exposureOfProgram } from './who-may-change.ts';
export type { Exposure } from './who-may-change.ts';
