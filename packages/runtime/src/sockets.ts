// Private sockets below /run/piranha, and files that come back when they are deleted.
export {
  askControlSocket,
  controlSocketPath,
  keptSocket,
  listenPrivately,
  lvsSocketPath,
  openControlSocket,
} from './control-socket.ts';
export type { NoAnswer } from './control-socket.ts';
export { fileKeeper } from './kept-files.ts';
export type { KeptFile, FileKeeper } from './kept-files.ts';
