// The check of a web server that nobody configured a check for.

/**
 * What is sent and expected where a TCP virtual server on port 80 has no send, no expect and no program; escapes not
 * yet decoded, as in lvs.cf. lvs fills it in, and so does a nanny that is started by hand.
 */
export const impliedHttpCheck = { send: 'GET / HTTP/1.0\\r\\n\\r\\n', expect: 'HTTP' } as const;
