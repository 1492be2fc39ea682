// The signature of a heartbeat: HMAC-SHA-256 over everything before it.
import { createHmac, timingSafeEqual } from 'node:crypto';

/** In bytes. */
export const signatureLength = 32;

/** The signature of `bytes` under `key`. */
export const sign = (bytes: Uint8Array, key: Uint8Array): Uint8Array =>
  createHmac('sha256', key).update(bytes).digest();

/** Keys whose signatures are good: two while one takes the place of another, none where nothing is checked. */
export type Keys = readonly Uint8Array[];

/** Whether `signature` is that of `bytes` under one of the keys; how long the answer takes tells nothing of the right one. */
export const isSignedBy = (bytes: Uint8Array, signature: Uint8Array, keys: Keys): boolean =>
  signature.length === signatureLength && keys.some((key) => timingSafeEqual(sign(bytes, key), signature));
