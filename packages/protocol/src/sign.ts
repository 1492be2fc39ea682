// The signature of a heartbeat: HMAC-SHA-256 over everything before it.
import { createHmac, timingSafeEqual } from 'node:crypto';

/** In bytes. */
export const signatureLength = 32;

/** The signature of `bytes` under `key`. */
export const sign = (bytes: Uint8Array, key: Uint8Array): Uint8Array =>
  createHmac('sha256', key).update(bytes).digest();

/** Whether `signature` is that of `bytes`; how long the answer takes tells nothing of the right one. */
export const isSignedBy = (bytes: Uint8Array, signature: Uint8Array, key: Uint8Array): boolean =>
  signature.length === signatureLength && timingSafeEqual(sign(bytes, key), signature);
