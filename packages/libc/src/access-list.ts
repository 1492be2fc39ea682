// Whether a file has an access control list beside its mode (acl(5)): the list can let in whom the mode does not name.
import { loadKoffi } from './load-koffi.ts';
import { loadLibc } from './socket-calls.ts';

/** Where the kernel keeps the list (xattr(7)). */
const attribute = 'system.posix_acl_access';

/** A link is not followed. False where the file is not there, or its file system has no lists. */
export function hasAccessList(path: string): boolean {
  const lgetxattr = loadLibc(loadKoffi()).func('lgetxattr', 'long', ['str', 'str', 'void *', 'size_t']);
  return lgetxattr(path, attribute, null, 0) > 0;
}
