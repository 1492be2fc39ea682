// lvs.cf of a pair that hears each other on two networks, without any service.

export const pair = `primary = 10.1.0.2
primary_private = 10.2.0.2
backup = 10.1.0.3
backup_private = 10.2.0.3
backup_active = 1
keepalive = 1
deadtime = 3
`;
