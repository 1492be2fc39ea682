// Who runs checks where lvs.cf does not say (check_user).

/** The system user that packages and scripts/install make. */
export const usualCheckUser = 'piranha';

/** A user and its own group, by their numbers. */
export type UserIds = { readonly uid: number; readonly gid: number };
