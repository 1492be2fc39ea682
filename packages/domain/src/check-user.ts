// Who runs checks where lvs.cf does not say (check_user).

/** The system user that packages and scripts/install make. */
export const usualCheckUser = 'piranha';
